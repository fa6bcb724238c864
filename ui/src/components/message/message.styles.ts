import { css } from "lit";

/** In the middle of where rows would be. */
export const messageStyles = css`
  :host {
    display: block;
  }
  .message {
    display: flex;
    flex-direction: column;
    align-items: center;
    gap: 0.5rem;
    padding: 4rem 1.5rem;
    text-align: center;
  }
  h2 {
    font-size: 1.0625rem;
    font-weight: 600;
  }
  p {
    max-inline-size: 36rem;
    color: var(--_quiet);
    overflow-wrap: anywhere;
  }
  button {
    margin-block: 0.5rem;
  }
  code {
    font-size: 0.8125rem;
  }
`;
