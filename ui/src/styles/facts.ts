import { css } from "lit";
import { dots } from "./dots";

/** Headings, description lists and lines of events beside the table. */
export const facts = css`
  ${dots}
  :host {
    display: block;
  }
  .content {
    display: flex;
    flex-direction: column;
    gap: 1.25rem;
    padding: 1rem 1.25rem 2rem;
    overflow-wrap: anywhere;
  }
  h2 {
    font-size: 1.0625rem;
    font-weight: 650;
  }
  h3 {
    margin-block-end: 0.5rem;
    color: var(--_quiet);
    font-size: 0.75rem;
    font-weight: 650;
    letter-spacing: 0.02em;
  }
  dl.facts {
    display: grid;
    grid-template-columns: minmax(6.5rem, max-content) 1fr;
    gap: 0.375rem 1rem;
    margin: 0;
  }
  dl.facts dt {
    color: var(--_quiet);
  }
  dl.facts dd > button.link {
    padding: 0;
  }
  dl.facts dd {
    min-inline-size: 0;
    margin: 0;
  }
  .heading {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5rem;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
  }
  code,
  pre {
    font:
      0.8125rem/1.5 ui-monospace,
      "SF Mono",
      "DejaVu Sans Mono",
      monospace;
  }
  pre {
    max-block-size: 20rem;
    margin: 0;
    padding: 0.625rem 0.75rem;
    overflow: auto;
    border-radius: 5px;
    background: var(--_badge);
    white-space: pre-wrap;
  }
  .copyable {
    display: flex;
    align-items: start;
    justify-content: space-between;
    gap: 0.25rem;
  }
  .copyable code {
    min-inline-size: 0;
  }
  .copyable button.icon {
    flex: none;
    min-block-size: 1.375rem;
    inline-size: 1.5rem;
  }
  .lines {
    display: flex;
    flex-direction: column;
    margin: 0;
    padding: 0;
    list-style: none;
  }
  button.line {
    display: grid;
    grid-template-columns: 0.5rem minmax(0, auto) minmax(0, 1fr) auto;
    gap: 0.5rem;
    inline-size: 100%;
    min-block-size: 2.25rem;
    border-block-end: 1px solid var(--_line);
    border-radius: 0;
  }
  button.line:hover {
    text-decoration: none;
    background: color-mix(in srgb, var(--_accent) 6%, transparent);
  }
  .line .what {
    font-weight: 550;
  }
  .line .what,
  .line .of {
    overflow: hidden;
    text-overflow: ellipsis;
  }
`;
