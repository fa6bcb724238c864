/** The host page's own texts in other languages than English, which the document itself is in. */
const TEXTS: Record<string, Record<string, string>> = {
  fr: {
    title: "Journaux d’audit · Paramètres",
    settings: "Paramètres",
    log: "Journaux d’audit",
    health: "État",
    workspace: "Espace",
  },
};

const language = navigator.language.split("-")[0] ?? "en";
const texts = TEXTS[language];

/** The text of a key in the viewer's language, or the English one given. */
export const text = (key: string, english: string): string => texts?.[key] ?? english;

/** Puts the document's texts into the viewer's language, where that is known. */
export function translate(): void {
  if (!texts) return;
  document.documentElement.lang = language;
  document.title = text("title", document.title);
  for (const element of document.querySelectorAll<HTMLElement>("[data-text]")) {
    element.textContent = text(element.dataset.text!, element.textContent ?? "");
  }
  for (const element of document.querySelectorAll<HTMLElement>("[data-label]")) {
    element.ariaLabel = text(element.dataset.label!, element.ariaLabel ?? "");
  }
}
