import { html, svg, type TemplateResult } from "lit";

const PATHS = {
  around: "M8 4.5V8l2.3 1.6M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0Z",
  calendar: "M2.5 4h11v9.5h-11zM2.5 7h11M5.5 2.2V5M10.5 2.2V5",
  check: "m3 8.5 3.3 3.3L13 5",
  close: "m4 4 8 8M12 4l-8 8",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  down: "m4 6 4 4 4-4",
  export: "M8 2v8M4.8 7 8 10.2 11.2 7M2.5 11.5v2h11v-2",
  filter: "M2 4h12M4.5 8h7M6.8 12h2.4",
  link:
    "M6.5 9.5 9.5 6.5M7 4.5l1.4-1.4a3 3 0 0 1 4.5 4.5L11.5 9" +
    "M9 11.5l-1.4 1.4a3 3 0 0 1-4.5-4.5L4.5 7",
  next: "m6 4 4 4-4 4",
  previous: "m10 4-4 4 4 4",
  refresh: "M13.5 8a5.5 5.5 0 1 1-1.6-3.9M13.5 2v3h-3",
  search: "m10.5 10.5 3.5 3.5M12 7A5 5 0 1 1 2 7a5 5 0 0 1 10 0Z",
} as const;

/** A small picture beside or instead of a text; screen readers skip it. */
export function icon(name: keyof typeof PATHS): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
    ${svg`<path d=${PATHS[name]}></path>`}
  </svg>`;
}
