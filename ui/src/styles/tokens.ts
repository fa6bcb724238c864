import { css } from "lit";

/**
 * The custom properties that a host may set, with their defaults. Inside, only the names that
 * begin with `--_` are used.
 */
export const tokens = css`
  :host {
    color-scheme: light dark;
    --_text: var(--annals-text, light-dark(#1b2230, #e6e9ef));
    --_quiet: var(--annals-quiet-text, light-dark(#5b6575, #a3adbb));
    --_surface: var(--annals-surface, light-dark(#ffffff, #171c24));
    --_raised: var(--annals-raised, light-dark(#ffffff, #1f2630));
    --_head: var(--annals-head, light-dark(#f7f8fa, #1b212a));
    --_line: var(--annals-line, light-dark(#e3e6eb, #2c3541));
    --_edge: var(--annals-edge, light-dark(#8a94a3, #6e7a8b));
    --_accent: var(--annals-accent, light-dark(#2450c4, #8fb0ff));
    --_on-accent: var(--annals-on-accent, light-dark(#ffffff, #10151c));
    --_badge: var(--annals-badge, light-dark(#edf0f5, #2a3340));
    --_badge-text: light-dark(#3d4757, #cbd3de);
    --_warning: light-dark(#fdf0d9, #43310f);
    --_warning-text: light-dark(#7a4a00, #f4cf8b);
    --_fault: light-dark(#fdeaec, #46191f);
    --_fault-text: light-dark(#a51d2a, #ffa3aa);
    --_good: light-dark(#e3f5ea, #143524);
    --_good-text: light-dark(#12633a, #8fdcb0);
    --_create: var(--annals-create, light-dark(#1f9d61, #4cc38a));
    --_update: var(--annals-update, light-dark(#3f6fe0, #7ca2ff));
    --_delete: var(--annals-delete, light-dark(#d64550, #ff7a84));
    --_read: var(--annals-read, light-dark(#8a94a3, #8b96a6));
    --_other: var(--annals-other, light-dark(#b6bdc8, #566172));
    --_radius: var(--annals-radius, 8px);
    --_row: var(--annals-row-height, 2.5rem);
    --_font: var(--annals-font, system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif);
    --_shadow: 0 1px 2px rgb(0 0 0 / 8%), 0 8px 28px rgb(0 0 0 / 18%);
    color: var(--_text);
    font: 0.875rem/1.45 var(--_font);
    text-align: start;
  }
  :host([theme="light"]) {
    color-scheme: light;
  }
  :host([theme="dark"]) {
    color-scheme: dark;
  }
  @media (prefers-contrast: more) {
    :host {
      --_line: var(--_edge);
      --_quiet: var(--_text);
    }
  }
`;
