import { css } from "lit";

/** Two formats, and how far it has come. */
export const exportStyles = css`
  .popup {
    inset-inline: auto 0;
    gap: 0.5rem;
    inline-size: 17rem;
    padding: 0.875rem;
  }
  code {
    overflow-wrap: anywhere;
  }
  p:empty {
    display: none;
  }
`;
