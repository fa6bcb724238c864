import { css } from "lit";

/** Counts as lengths. */
export const actorStyles = css`
  .counts {
    display: grid;
    grid-template-columns: minmax(8rem, 40%) 1fr;
    gap: 0.25rem 0.75rem;
    margin: 0;
  }
  .counts dt {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .counts dd {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    margin: 0;
    font-variant-numeric: tabular-nums;
  }
  .length {
    flex: 0 1 auto;
    min-inline-size: 2px;
    block-size: 0.5rem;
    border-radius: 2px;
    background: var(--_update);
  }
`;
