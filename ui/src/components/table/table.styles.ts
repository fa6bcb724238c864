import { css } from "lit";

/** Rows of one height, one line each; below 44rem cards of three lines. */
export const tableStyles = css`
  :host {
    position: relative;
    display: block;
    min-block-size: 0;
    container-type: inline-size;
  }
  .probe {
    position: absolute;
    inline-size: 0;
    block-size: var(--_row);
    visibility: hidden;
  }
  .scroller {
    block-size: 100%;
    overflow: auto;
    overscroll-behavior: contain;
    scrollbar-width: thin;
  }
  table,
  thead,
  tbody {
    display: block;
  }
  table {
    min-inline-size: 52rem;
  }
  thead {
    position: sticky;
    inset-block-start: 0;
    z-index: 1;
    background: var(--_head);
    box-shadow: inset 0 -1px var(--_line);
  }
  tbody {
    position: relative;
  }
  tr {
    display: grid;
    grid-template-columns: var(--columns);
    inline-size: 100%;
  }
  th,
  td {
    min-inline-size: 0;
    padding-inline: 1rem 0.5rem;
  }
  th {
    padding-block: 0.5rem;
    color: var(--_quiet);
    font-size: 0.8125rem;
    font-weight: 600;
    text-align: start;
  }
  tbody tr {
    position: absolute;
    inset-block-start: 0;
    block-size: var(--_row);
    border-block-end: 1px solid var(--_line);
    contain: layout style;
    cursor: default;
  }
  tbody tr:hover {
    background: color-mix(in srgb, var(--_accent) 5%, var(--_surface));
  }
  tbody tr.opened {
    background: color-mix(in srgb, var(--_accent) 11%, var(--_surface));
    box-shadow: inset 3px 0 var(--_accent);
  }
  tbody tr:focus-visible {
    outline-offset: -2px;
  }
  td {
    position: relative;
    display: flex;
    align-items: center;
  }
  td > div {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    min-inline-size: 0;
    inline-size: 100%;
    white-space: nowrap;
  }
  td.time .badge {
    flex: 0 1 auto;
    min-inline-size: 0;
  }
  td.time .late {
    position: relative;
    flex: none;
    padding: 0 0.1875rem;
    line-height: 1.125rem;
  }
  .late svg {
    inline-size: 0.875rem;
    vertical-align: -0.1875rem;
  }
  .late span {
    position: absolute;
    inline-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
  }
  @container (min-width: 92rem) {
    td.time .late {
      flex: 0 1 auto;
      padding-inline: 0.4375rem;
    }
    .late svg {
      display: none;
    }
    .late span {
      position: static;
      clip-path: none;
    }
  }
  time {
    flex: none;
    font-variant-numeric: tabular-nums;
  }
  .offset,
  .hint,
  .more {
    color: var(--_quiet);
    font-size: 0.8125rem;
  }
  span.action,
  .name,
  .person,
  .hint {
    min-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  span.action {
    font-weight: 550;
  }
  button.plain,
  a.plain {
    display: block;
    flex: 0 1 auto;
    line-height: 1.5rem;
  }
  .hint {
    flex: 0 4 auto;
  }
  .hint.whole {
    flex: none;
  }
  .name:focus {
    white-space: normal;
    overflow-wrap: anywhere;
    max-block-size: 7.5rem;
    overflow: auto;
    position: relative;
    z-index: 2;
    background: var(--_raised);
  }
  button.type {
    min-block-size: 1.5rem;
    border: 0;
    font-size: 0.75rem;
    display: block;
  }
  button.type:hover {
    background: color-mix(in srgb, var(--_accent) 18%, var(--_badge));
  }
  .more {
    flex: none;
    font-variant-numeric: tabular-nums;
  }
  .picture {
    flex: none;
    display: inline-grid;
    place-items: center;
    inline-size: 1.5rem;
    block-size: 1.5rem;
    border-radius: 50%;
    background: light-dark(var(--_soft), color-mix(in srgb, var(--_soft) 28%, #10151c));
    color: light-dark(#2b3442, #dfe5ee);
    font-size: 0.625rem;
    font-weight: 650;
  }
  .picture::before {
    content: attr(data-letters);
  }
  .machine {
    --_soft: #dfe3ea;
    border-radius: 6px;
  }
  .person-0 {
    --_soft: #cfe0ff;
  }
  .person-1 {
    --_soft: #d3f0dc;
  }
  .person-2 {
    --_soft: #ffe0c7;
  }
  .person-3 {
    --_soft: #ead9ff;
  }
  .person-4 {
    --_soft: #ffd6dd;
  }
  .person-5 {
    --_soft: #cdeef0;
  }
  .around {
    position: absolute;
    inset-inline-end: 0.375rem;
    background: var(--_raised);
    opacity: 0;
  }
  tr:hover .around,
  tr:focus .around,
  tr:focus-within .around {
    opacity: 1;
  }
  .bar {
    inline-size: 70%;
    block-size: 0.625rem;
    border-radius: 4px;
    background: var(--_badge);
  }

  @container (max-width: 44rem) {
    :host,
    .probe,
    tbody tr {
      --_row: var(--annals-card-height, 7rem);
    }
    table {
      min-inline-size: 0;
    }
    thead {
      position: absolute;
      inline-size: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }
    tbody tr {
      grid-template-columns: 1fr;
      grid-auto-rows: 1fr;
      padding-block: 0.375rem;
    }
    td {
      padding-inline: 0.875rem;
    }
    td.time {
      order: 1;
      font-size: 0.8125rem;
    }
    td.ip,
    td.service {
      display: none;
    }
    td.user {
      order: 2;
    }
  }

  @media (forced-colors: active) {
    .dot {
      forced-color-adjust: none;
    }
    tbody tr.opened {
      outline: 2px solid Highlight;
      outline-offset: -2px;
    }
  }
`;
