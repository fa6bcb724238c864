import { css } from "lit";

/** Events under each other on a line, and a small table of fields. */
export const timelineStyles = css`
  input[type="range"] {
    inline-size: 100%;
    accent-color: var(--_accent);
  }
  .slider-time {
    min-block-size: 1.5rem;
  }
  table {
    inline-size: 100%;
    table-layout: fixed;
    border-collapse: collapse;
    font-size: 0.8125rem;
  }
  th,
  td {
    padding: 0.3125rem 0.5rem;
    border-block-end: 1px solid var(--_line);
    font-weight: 400;
    text-align: start;
    vertical-align: top;
  }
  thead th {
    color: var(--_quiet);
  }
  td {
    font-family: ui-monospace, "SF Mono", "DejaVu Sans Mono", monospace;
  }
  .differs td {
    background: var(--_warning);
    color: var(--_warning-text);
  }
  .lines li {
    padding-block-end: 0.75rem;
  }
  .by {
    padding-inline-start: 1rem;
    margin-block: 0.25rem;
  }
  annals-changes {
    margin-inline-start: 1rem;
  }
  .when {
    padding: 0;
    white-space: normal;
    text-align: start;
  }
`;
