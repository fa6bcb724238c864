import { AnnalsMore } from "./more.component";

customElements.define("annals-more", AnnalsMore);

declare global {
  interface HTMLElementTagNameMap {
    "annals-more": AnnalsMore;
  }
}
