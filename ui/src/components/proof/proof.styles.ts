import { css } from "lit";

/** A button, and the verdict below it. */
export const proofStyles = css`
  :host {
    display: block;
    margin-block-start: 0.75rem;
  }
  .verdict {
    margin-block: 0.5rem 0;
    padding: 0.5rem 0.75rem;
    border: 1px solid var(--_line);
    border-inline-start: 3px solid var(--_edge);
    border-radius: var(--_radius);
  }
  .verdict > * {
    margin: 0;
  }
  .verdict > * + * {
    margin-block-start: 0.375rem;
  }
  .proven {
    border-inline-start-color: var(--_create);
  }
  .broken {
    border-inline-start: 6px double var(--_delete);
  }
`;
