import { AnnalsHistogram } from "./histogram.component";

customElements.define("annals-histogram", AnnalsHistogram);

declare global {
  interface HTMLElementTagNameMap {
    "annals-histogram": AnnalsHistogram;
  }
}
