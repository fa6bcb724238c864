import { css } from "lit";

/** Tools and filters on top, the table takes what is left, the panel lies over its end. */
export const logStyles = css`
  :host {
    display: block;
    block-size: var(--annals-block-size, 40rem);
    min-block-size: 22rem;
    container-type: inline-size;
    background: var(--_surface);
  }
  :host([hidden]) {
    display: none;
  }
  .frame {
    position: relative;
    display: flex;
    flex-direction: column;
    block-size: 100%;
    min-block-size: 0;
  }
  .tools {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5rem;
    padding: 0.75rem 1rem 0;
  }
  .space {
    flex: 1;
  }
  .views {
    display: flex;
    min-inline-size: 0;
    overflow-x: auto;
    scrollbar-width: none;
    padding: 0.125rem;
    border-radius: calc(var(--_radius) - 1px);
    background: var(--_badge);
  }
  .views button {
    min-block-size: 1.75rem;
    border: 0;
    background: none;
    color: var(--_badge-text);
  }
  .views button[aria-pressed="true"] {
    background: var(--_raised);
    color: var(--_text);
    font-weight: 550;
    box-shadow: 0 1px 2px rgb(0 0 0 / 16%);
  }
  annals-filters {
    padding: 0.75rem 1rem;
  }
  .body {
    position: relative;
    display: flex;
    flex: 1;
    min-block-size: 0;
    border-block-start: 1px solid var(--_line);
  }
  annals-events,
  annals-resources {
    flex: 1;
    min-inline-size: 0;
  }
  .zone {
    display: flex;
    align-items: center;
    gap: 0.375rem;
    margin-inline-start: auto;
  }
  .zone select {
    block-size: 1.625rem;
    padding-inline: 0.25rem;
  }
  annals-panel {
    flex: none;
    inline-size: 29rem;
  }
  .toast {
    position: absolute;
    inset-block-end: 3rem;
    inset-inline-start: 50%;
    z-index: 30;
    translate: -50% 0;
    padding: 0.5rem 1rem;
    border-radius: var(--_radius);
    background: var(--_text);
    color: var(--_surface);
    box-shadow: var(--_shadow);
  }
  @container (max-width: 92rem) {
    annals-panel {
      position: absolute;
      inset-block: 0;
      inset-inline-end: 0;
      z-index: 6;
      max-inline-size: 100%;
      box-shadow: var(--_shadow);
    }
  }
  @container (max-width: 40rem) {
    .tools {
      padding: 0.5rem 0.75rem 0;
    }
    annals-filters {
      padding: 0.5rem 0.75rem;
    }
    annals-panel {
      inline-size: 100%;
    }
  }
`;
