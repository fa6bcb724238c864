import { css } from "lit";

/** A button that opens something, and what hangs below it. */
export const popups = css`
  :host {
    position: relative;
    display: inline-block;
  }
  .opener {
    inline-size: 100%;
    justify-content: space-between;
  }
  .opener svg:last-child {
    inline-size: 0.75rem;
    color: var(--_quiet);
  }
  .opener.chosen {
    border-color: var(--_accent);
    background: color-mix(in srgb, var(--_accent) 8%, var(--_surface));
  }
  .popup {
    position: absolute;
    inset-block-start: calc(100% + 0.25rem);
    inset-inline-start: 0;
    z-index: 20;
    display: flex;
    flex-direction: column;
    max-inline-size: calc(100vw - 2.5rem);
    padding: 0.375rem;
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
    background: var(--_raised);
    box-shadow: var(--_shadow);
  }
  /* On a small screen there is no room beside a button, but at the lower edge. */
  @media (max-width: 44rem) {
    :host .popup {
      position: fixed;
      inset: auto 0 0;
      flex-direction: column;
      inline-size: auto;
      max-inline-size: none;
      max-block-size: 85vh;
      overflow: auto;
      border-radius: 12px 12px 0 0;
    }
  }
`;
