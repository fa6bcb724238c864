import { AnnalsFilters } from "./filters.component";

customElements.define("annals-filters", AnnalsFilters);

declare global {
  interface HTMLElementTagNameMap {
    "annals-filters": AnnalsFilters;
  }
}
