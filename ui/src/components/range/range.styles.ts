import { css } from "lit";

/** Presets beside a calendar of two months, of one where there is no room. */
export const rangeStyles = css`
  .popup {
    inset-inline: auto 0;
    flex-direction: row;
    max-block-size: 80vh;
    padding: 0;
    overflow: auto;
  }
  .presets {
    flex: none;
    display: flex;
    flex-direction: column;
    align-items: stretch;
    gap: 0.125rem;
    padding: 0.75rem;
    border-inline-end: 1px solid var(--_line);
  }
  .presets button {
    justify-content: flex-start;
    min-block-size: 2rem;
    padding-inline: 0.5rem;
    color: inherit;
  }
  .presets button:hover {
    background: color-mix(in srgb, var(--_accent) 8%, transparent);
    text-decoration: none;
  }
  .choice {
    display: flex;
    flex-direction: column;
    gap: 0.75rem;
    padding: 0.875rem;
  }
  .months {
    display: flex;
    gap: 1.25rem;
  }
  .bounds {
    display: flex;
    flex-wrap: wrap;
    gap: 0.75rem;
  }
  .bound {
    flex: 1 1 12rem;
    display: flex;
    flex-direction: column;
    gap: 0.25rem;
  }
  .bound > span {
    display: flex;
    gap: 0.25rem;
  }
  .bound input {
    flex: 1;
  }
  label {
    color: var(--_quiet);
    font-size: 0.8125rem;
  }
  .wrong {
    color: var(--_fault-text);
  }
  calendar-range {
    --color-accent: var(--_accent);
    --color-text-on-accent: var(--_on-accent);
  }
  calendar-range::part(button) {
    display: inline-grid;
    place-items: center;
    inline-size: 2rem;
    block-size: 2rem;
    padding: 0;
    border: 1px solid transparent;
    border-radius: 5px;
    background: none;
    color: inherit;
    cursor: pointer;
  }
  calendar-range::part(button):hover {
    background: var(--_badge);
  }
  calendar-range::part(header) {
    margin-block-end: 0.25rem;
  }
  calendar-month {
    --color-accent: var(--_accent);
    --color-text-on-accent: var(--_on-accent);
    font-size: 0.8125rem;
  }
  calendar-month::part(heading) {
    font-size: 0.875rem;
    font-weight: 600;
  }
  calendar-month::part(th) {
    color: var(--_quiet);
    font-weight: 500;
  }
  calendar-month::part(button) {
    inline-size: 2rem;
    block-size: 2rem;
    border-radius: 5px;
    font: inherit;
  }
  calendar-month::part(button):hover {
    background: var(--_badge);
  }
  calendar-month::part(today) {
    font-weight: 700;
    text-decoration: underline;
    text-underline-offset: 0.25rem;
  }
  calendar-month::part(range-inner) {
    border-radius: 0;
    background: color-mix(in srgb, var(--_accent) 14%, var(--_raised));
    color: inherit;
  }
  calendar-month::part(range-start),
  calendar-month::part(range-end) {
    background: var(--_accent);
    color: var(--_on-accent);
  }
  @media (max-width: 44rem) {
    .presets {
      flex-flow: row wrap;
      border-inline-end: 0;
      border-block-end: 1px solid var(--_line);
    }
    calendar-month[offset] {
      display: none;
    }
  }
`;
