import { css } from "lit";

/** A button, and below it a list with boxes to tick. */
export const comboboxStyles = css`
  .popup {
    inline-size: 20rem;
  }
  .number {
    min-inline-size: 1.25rem;
    padding-inline: 0.3125rem;
    border-radius: 1rem;
    background: var(--_accent);
    color: var(--_on-accent);
    font-size: 0.75rem;
    line-height: 1.25rem;
  }
  input {
    inline-size: 100%;
  }
  ul {
    max-block-size: 18rem;
    margin: 0.375rem 0 0;
    padding: 0;
    overflow: auto;
    list-style: none;
    scrollbar-width: thin;
  }
  li:hover,
  li.active {
    background: color-mix(in srgb, var(--_accent) 10%, var(--_raised));
  }
  li.active {
    outline: 1px solid var(--_accent);
    outline-offset: -1px;
  }
  li.group {
    min-block-size: 1.75rem;
    background: none;
    color: var(--_quiet);
    font-size: 0.75rem;
    font-weight: 600;
    cursor: default;
  }
  li.muted {
    color: var(--_quiet);
  }
  .box {
    flex: none;
    inline-size: 1rem;
    block-size: 1rem;
    border: 1px solid var(--_edge);
    border-radius: 4px;
  }
  .chosen .box {
    border-color: var(--_accent);
    background: var(--_accent) linear-gradient(var(--_on-accent), var(--_on-accent)) center / 0.5rem
      2px no-repeat;
  }
  .label {
    flex: 1;
    min-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .detail,
  .count {
    color: var(--_quiet);
    font-size: 0.8125rem;
  }
  .count {
    font-variant-numeric: tabular-nums;
  }
  .none {
    padding: 0.5rem;
  }
`;
