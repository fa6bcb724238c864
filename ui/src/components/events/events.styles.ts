import { css } from "lit";

/** The table takes what the histogram above and the line below leave. */
export const eventsStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-block-size: 0;
    container-type: inline-size;
  }
  /* Its place is kept, or rows would move when it comes. */
  annals-histogram {
    min-block-size: 5.25rem;
    padding: 0.5rem 1rem 0;
  }
  section {
    position: relative;
    display: flex;
    flex: 1;
    flex-direction: column;
    min-block-size: 0;
    overflow: auto;
  }
  annals-table {
    flex: 1;
  }
  annals-table.busy {
    opacity: 0.6;
  }
  .arrived {
    position: absolute;
    inset-block-start: 2.5rem;
    inset-inline-start: 50%;
    z-index: 5;
    translate: -50% 0;
    border-color: transparent;
    border-radius: 1rem;
    background: var(--_accent);
    color: var(--_on-accent);
    box-shadow: var(--_shadow);
  }
  .arrived:hover:enabled {
    background: color-mix(in srgb, var(--_accent) 85%, var(--_text));
  }
  .banner {
    padding: 0.5rem 1rem;
    border-block-end: 1px solid var(--_line);
    background: var(--_warning);
    color: var(--_warning-text);
    font-size: 0.8125rem;
  }
  footer {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.25rem 1.25rem;
    padding: 0.375rem 1rem;
    border-block-start: 1px solid var(--_line);
    color: var(--_quiet);
    font-size: 0.8125rem;
    font-variant-numeric: tabular-nums;
  }
  .count {
    color: var(--_text);
  }
  @container (max-width: 40rem) {
    annals-histogram {
      display: none;
    }
    .complete {
      order: 1;
    }
  }
  @media (max-height: 30rem) {
    annals-histogram {
      display: none;
    }
  }
`;
