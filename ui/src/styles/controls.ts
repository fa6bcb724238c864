import { css } from "lit";

/** Buttons, fields, badges and marks, alike everywhere. */
export const controls = css`
  *,
  ::before,
  ::after {
    box-sizing: border-box;
  }
  [hidden] {
    display: none !important;
  }
  :focus-visible {
    outline: 2px solid var(--_accent);
    outline-offset: 2px;
    border-radius: 4px;
  }
  button,
  input,
  select {
    font: inherit;
    color: inherit;
  }
  button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 0.375rem;
    min-block-size: 2rem;
    padding: 0 0.75rem;
    border: 1px solid color-mix(in srgb, var(--_edge) 60%, var(--_line));
    border-radius: calc(var(--_radius) - 2px);
    background: var(--_surface);
    white-space: nowrap;
    cursor: pointer;
  }
  button:hover:enabled {
    border-color: var(--_accent);
    background: color-mix(in srgb, var(--_accent) 6%, var(--_surface));
  }
  button:disabled {
    color: var(--_quiet);
    cursor: default;
  }
  button.plain,
  a.plain {
    min-block-size: 1.5rem;
    padding: 0;
    border: 0;
    background: none;
    color: inherit;
    text-align: start;
    text-decoration: none;
  }
  button.plain:hover,
  a.plain:hover {
    text-decoration: underline;
  }
  button.link {
    min-block-size: 1.5rem;
    padding: 0 0.25rem;
    border: 0;
    background: none;
    color: var(--_accent);
  }
  button.link:hover {
    text-decoration: underline;
  }
  button.icon {
    inline-size: 2rem;
    padding: 0;
    border-color: transparent;
    background: none;
    color: var(--_quiet);
  }
  button.icon:hover:enabled {
    border-color: transparent;
    background: var(--_badge);
    color: var(--_text);
  }
  input:not([type="range"], [type="checkbox"]),
  select {
    min-inline-size: 0;
    block-size: 2rem;
    padding: 0 0.625rem;
    border: 1px solid color-mix(in srgb, var(--_edge) 60%, var(--_line));
    border-radius: calc(var(--_radius) - 2px);
    background: var(--_surface);
  }
  input::placeholder {
    color: var(--_quiet);
    opacity: 1;
  }
  svg.icon {
    flex: none;
    inline-size: 1rem;
    block-size: 1rem;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.6;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .badge {
    flex: none;
    display: inline-block;
    max-inline-size: 10rem;
    padding: 0 0.4375rem;
    overflow: hidden;
    border-radius: 4px;
    background: var(--_badge);
    color: var(--_badge-text);
    font-size: 0.75rem;
    line-height: 1.375rem;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  p.badge {
    max-inline-size: 100%;
    white-space: normal;
  }
  .warning {
    background: var(--_warning);
    color: var(--_warning-text);
  }
  .fault {
    background: var(--_fault);
    color: var(--_fault-text);
  }
  .quiet {
    color: var(--_quiet);
  }
  .small {
    font-size: 0.8125rem;
    font-weight: 400;
  }
  .unseen {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  mark {
    border-radius: 2px;
    background: light-dark(#ffe9a8, #5b4a12);
    color: inherit;
  }
  h2,
  h3,
  p {
    margin: 0;
  }
`;
