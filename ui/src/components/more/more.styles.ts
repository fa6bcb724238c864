import { css } from "lit";

/** Boxes to tick and fields to fill in. */
export const moreStyles = css`
  .popup {
    inset-inline: auto 0;
    display: grid;
    grid-template-columns: 1fr 1fr;
    gap: 0.75rem 1.5rem;
    inline-size: 36rem;
    padding: 0.875rem;
  }
  @media (max-width: 44rem) {
    :host .popup {
      grid-template-columns: 1fr;
    }
  }
  fieldset {
    margin: 0;
    padding: 0;
    border: 0;
  }
  legend,
  .text label {
    padding: 0;
    color: var(--_quiet);
    font-size: 0.8125rem;
  }
  .boxes {
    display: grid;
    grid-template-columns: 1fr 1fr;
    margin-block-start: 0.25rem;
  }
  .text select {
    inline-size: 100%;
  }
  .box {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    min-block-size: 1.75rem;
  }
  .box input {
    accent-color: var(--_accent);
    inline-size: 1rem;
    block-size: 1rem;
    margin: 0;
  }
  .text {
    display: flex;
    flex-direction: column;
    gap: 0.25rem;
  }
`;
