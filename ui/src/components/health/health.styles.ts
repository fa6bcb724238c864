import { css } from "lit";

/** Figures side by side; good and bad by a word and a line, not by colour alone. */
export const healthStyles = css`
  .figures {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr));
    gap: 0.75rem;
  }
  .figure {
    display: flex;
    flex-direction: column;
    gap: 0.25rem;
    padding: 0.75rem 1rem;
    border: 1px solid var(--_line);
    border-inline-start: 3px solid var(--_create);
    border-radius: var(--_radius);
  }
  .figure > .quiet::first-letter {
    text-transform: uppercase;
  }
  li .badge {
    vertical-align: middle;
  }
  .figure.bad {
    border-inline-start: 6px double var(--_delete);
  }
  .figure > .quiet {
    display: block;
  }
  .figure strong {
    font-size: 1rem;
    font-variant-numeric: tabular-nums;
  }
  .sum {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
    font-variant-numeric: tabular-nums;
  }
  ul {
    margin: 0;
    padding: 0;
    list-style: none;
  }
  table {
    inline-size: 100%;
    border-collapse: collapse;
  }
  th,
  td {
    padding: 0.375rem 0.75rem 0.375rem 0;
    border-block-end: 1px solid var(--_line);
    text-align: start;
    vertical-align: top;
  }
  th {
    color: var(--_quiet);
    font-size: 0.8125rem;
    font-weight: 600;
  }
`;
