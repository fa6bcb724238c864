import { css } from "lit";

/** A line with buttons, and below it what scrolls. */
export const panelStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-block-size: 0;
    border-inline-start: 1px solid var(--_line);
    background: var(--_raised);
  }
  .head {
    display: flex;
    align-items: center;
    gap: 0.25rem;
    padding: 0.5rem 0.75rem 0.5rem 1.25rem;
    border-block-end: 1px solid var(--_line);
  }
  strong {
    flex: 1;
  }
  .body {
    flex: 1;
    min-block-size: 0;
    overflow: auto;
    scrollbar-width: thin;
  }
  .body:focus-visible {
    outline-offset: -2px;
  }
`;
