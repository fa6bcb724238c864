import { css } from "lit";

/** One line of filters where there is room, a button that unfolds them where there is none. */
export const filtersStyles = css`
  :host {
    display: block;
    container-type: inline-size;
  }
  .bar {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
  }
  annals-search {
    flex: 1 1 14rem;
  }
  .fold {
    display: none;
  }
  .pickers {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
  }
  .chips {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.375rem 0.5rem;
    margin-block-start: 0.625rem;
  }
  ul {
    display: contents;
    list-style: none;
  }
  li {
    display: inline-flex;
    align-items: center;
    max-inline-size: 100%;
    padding-inline-start: 0.625rem;
    border-radius: 1rem;
    background: var(--_badge);
    color: var(--_badge-text);
    font-size: 0.8125rem;
  }
  li > span {
    min-inline-size: 0;
    max-inline-size: 24rem;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  li .quiet {
    color: inherit;
    opacity: 0.85;
  }
  li button {
    flex: none;
    min-block-size: 1.625rem;
    inline-size: 1.625rem;
    padding: 0;
    border: 0;
    border-radius: 50%;
    background: none;
  }
  li button svg {
    inline-size: 0.75rem;
  }
  @container (max-width: 40rem) {
    annals-search {
      flex-basis: 9rem;
    }
    .fold {
      display: inline-flex;
    }
    .pickers {
      display: none;
      flex-basis: 100%;
    }
    .pickers.unfolded {
      display: grid;
      grid-template-columns: 1fr 1fr;
    }
    .pickers > :last-child:nth-child(odd) {
      grid-column: 1 / -1;
    }
  }
`;
