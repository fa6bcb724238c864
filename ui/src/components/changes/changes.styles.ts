import { css } from "lit";

/** Before in red with a minus, after in green with a plus: not by colour alone. */
export const changesStyles = css`
  :host {
    display: block;
  }
  dl,
  dd {
    margin: 0;
  }
  dt {
    display: flex;
    align-items: center;
    justify-content: space-between;
    min-block-size: 1.75rem;
    margin-block-start: 0.5rem;
    font-size: 0.8125rem;
    font-weight: 600;
    overflow-wrap: anywhere;
  }
  dt:first-child {
    margin-block-start: 0;
  }
  dt button.icon {
    min-block-size: 1.5rem;
    inline-size: 1.5rem;
  }
  .part {
    padding: 0.1875rem 0.5rem;
    font:
      0.8125rem/1.5 ui-monospace,
      "SF Mono",
      "DejaVu Sans Mono",
      monospace;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  .values {
    overflow: hidden;
    border-radius: 5px;
  }
  .list {
    display: flex;
    flex-wrap: wrap;
    gap: 0.25rem;
  }
  .list .part {
    border-radius: 4px;
    background: var(--_badge);
  }
  .part.before {
    background: var(--_fault);
    color: var(--_fault-text);
  }
  .list .part.before bdi {
    text-decoration: line-through;
  }
  .part.after {
    background: var(--_good);
    color: var(--_good-text);
  }
  .sign {
    display: inline-block;
    inline-size: 1rem;
    font-weight: 700;
  }
  .list .sign {
    inline-size: 0.75rem;
  }
  summary {
    cursor: pointer;
  }
  details[open] summary bdi {
    display: none;
  }
`;
