import { AnnalsSearch } from "./search.component";

customElements.define("annals-search", AnnalsSearch);

declare global {
  interface HTMLElementTagNameMap {
    "annals-search": AnnalsSearch;
  }
}
