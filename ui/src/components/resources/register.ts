import { AnnalsResources } from "./resources.component";

customElements.define("annals-resources", AnnalsResources);

declare global {
  interface HTMLElementTagNameMap {
    "annals-resources": AnnalsResources;
  }
}
