import { css } from "lit";

/** A table as wide as there is room, and cards where there is none. */
export const resourcesStyles = css`
  :host {
    min-block-size: 0;
    container-type: inline-size;
  }
  .scroller {
    block-size: 100%;
    overflow: auto;
    scrollbar-width: thin;
  }
  table {
    inline-size: 100%;
    border-collapse: collapse;
  }
  thead {
    position: sticky;
    inset-block-start: 0;
    z-index: 1;
    background: var(--_head);
    box-shadow: inset 0 -1px var(--_line);
  }
  th,
  td {
    padding: 0.5rem 0.5rem 0.5rem 1rem;
    text-align: start;
  }
  th {
    color: var(--_quiet);
    font-size: 0.8125rem;
    font-weight: 600;
    white-space: nowrap;
  }
  td {
    border-block-end: 1px solid var(--_line);
    overflow-wrap: anywhere;
  }
  tbody tr:hover {
    background: color-mix(in srgb, var(--_accent) 5%, var(--_surface));
  }
  td .badge,
  td .name {
    vertical-align: middle;
  }
  .name {
    font-weight: 550;
  }
  button.plain {
    display: inline;
    white-space: normal;
  }
  time {
    white-space: nowrap;
  }
  .number {
    font-variant-numeric: tabular-nums;
  }
  .more {
    padding: 1rem;
    text-align: center;
  }
  @container (max-width: 44rem) {
    thead {
      position: absolute;
      clip-path: inset(50%);
    }
    table,
    tbody,
    tr,
    td {
      display: block;
    }
    tr {
      padding: 0.625rem 0.875rem;
      border-block-end: 1px solid var(--_line);
    }
    td {
      padding: 0.125rem 0;
      border: 0;
    }
    td[data-label]::before {
      content: attr(data-label) ": ";
      color: var(--_quiet);
      font-size: 0.8125rem;
    }
  }
`;
