import { css } from "lit";

/** The lines of a list to choose from. */
export const options = css`
  li {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    min-block-size: 2rem;
    padding: 0.125rem 0.5rem;
    border-radius: 5px;
    cursor: pointer;
  }
`;
