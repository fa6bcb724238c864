import { css } from "lit";

/** The dot before an action, in the colour of its kind. */
export const dots = css`
  .dot {
    flex: none;
    inline-size: 0.5rem;
    block-size: 0.5rem;
    border-radius: 50%;
    background: var(--_other);
  }
  .dot.create {
    background: var(--_create);
  }
  .dot.update {
    background: var(--_update);
  }
  .dot.delete {
    background: var(--_delete);
  }
  .dot.read {
    background: var(--_read);
  }
`;
