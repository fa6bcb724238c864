import { AnnalsRange } from "./range.component";

customElements.define("annals-range", AnnalsRange);

declare global {
  interface HTMLElementTagNameMap {
    "annals-range": AnnalsRange;
  }
}
