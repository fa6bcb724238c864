import { en } from "./en";
import { fr } from "./fr";

/** Texts by key. A key that ends in `_one`, `_other`, … is chosen by the number `count`. */
export type Messages = Record<string, string>;

const languages = new Map<string, Messages>([
  ["en", en],
  ["fr", fr],
]);

/** Adds a language, or replaces some of its texts. What is missing is said in English. */
export function addMessages(language: string, messages: Messages): void {
  languages.set(language, { ...languages.get(language), ...messages });
}

/** Texts that are loaded later, by language. What a host has said of them already stays. */
export function provideMessages(messages: Record<string, Messages>): void {
  for (const [language, texts] of Object.entries(messages)) {
    languages.set(language, { ...texts, ...languages.get(language) });
  }
}

/** The texts of a locale, with numbers and plurals as it has them. */
export class Words {
  readonly #messages: Messages;
  readonly #plural: Intl.PluralRules;
  readonly #number: Intl.NumberFormat;

  constructor(readonly locale: string) {
    const language = locale.split("-")[0] ?? "en";
    const english = languages.get("en");
    this.#messages = { ...english, ...languages.get(language), ...languages.get(locale) };
    this.#plural = new Intl.PluralRules(locale);
    this.#number = new Intl.NumberFormat(locale);
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#messages, key);
  }

  /** The text of a key, its `{names}` replaced. */
  say(key: string, values: Record<string, string | number> = {}): string {
    const plural = "count" in values ? `${key}_${this.#plural.select(Number(values.count))}` : key;
    const message = this.#messages[plural] ?? this.#messages[`${key}_other`] ?? this.#messages[key];
    const shown = (value: string | number) =>
      typeof value === "number" ? this.#number.format(value) : value;
    return (message ?? key).replace(/\{(\w+)\}/g, (_, name) => shown(values[name] ?? ""));
  }

  number(value: number): string {
    return this.#number.format(value);
  }
}
