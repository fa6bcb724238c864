import { css } from "lit";

/** A field with a glass in it, and suggestions below. */
export const searchStyles = css`
  :host {
    position: relative;
    display: block;
  }
  svg {
    position: absolute;
    inset-inline-start: 0.625rem;
    inset-block-start: 0.5rem;
    color: var(--_quiet);
    pointer-events: none;
  }
  input[type="search"] {
    inline-size: 100%;
    padding-inline-start: 2rem;
    text-overflow: ellipsis;
  }
  ul {
    position: absolute;
    inset-block-start: calc(100% + 0.25rem);
    inset-inline: 0;
    z-index: 20;
    min-inline-size: min(24rem, calc(100vw - 2.5rem));
    margin: 0;
    padding: 0.375rem;
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
    background: var(--_raised);
    box-shadow: var(--_shadow);
    list-style: none;
  }
  li {
    white-space: nowrap;
  }
  li:hover,
  li.active {
    background: color-mix(in srgb, var(--_accent) 10%, var(--_raised));
  }
  .name,
  .small {
    min-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
  }
`;
