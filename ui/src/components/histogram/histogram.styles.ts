import { css } from "lit";

/** Bars that stand on one line, coloured as the dots of the table. */
export const histogramStyles = css`
  :host {
    display: block;
  }
  .head {
    display: flex;
    justify-content: space-between;
    gap: 1rem;
    block-size: 1.25rem;
    white-space: nowrap;
    font-variant-numeric: tabular-nums;
  }
  .readout {
    min-inline-size: 0;
    overflow: hidden;
    color: var(--_text);
    text-overflow: ellipsis;
  }
  .bars {
    display: flex;
    align-items: stretch;
    block-size: 3.5rem;
    border-block-end: 1px solid var(--_line);
    touch-action: pan-y;
    cursor: crosshair;
  }
  button.bar {
    flex: 1 1 0;
    display: flex;
    flex-direction: column-reverse;
    align-items: stretch;
    justify-content: flex-start;
    gap: 0;
    min-inline-size: 0;
    block-size: 100%;
    padding: 0;
    border: 0;
    border-radius: 0;
    background: none;
    cursor: crosshair;
  }
  button.bar:hover:enabled,
  button.bar.drawn {
    background: color-mix(in srgb, var(--_accent) 14%, transparent);
  }
  .part {
    flex: none;
    min-block-size: 1px;
    margin-inline: 12%;
    background: var(--_other);
    pointer-events: none;
  }
  .part:last-child {
    border-radius: 2px 2px 0 0;
  }
  .part.create {
    background: var(--_create);
  }
  .part.update {
    background: var(--_update);
  }
  .part.delete {
    background: var(--_delete);
  }
  .part.read {
    background: var(--_read);
  }
  @media (forced-colors: active) {
    .part {
      forced-color-adjust: none;
    }
  }
`;
