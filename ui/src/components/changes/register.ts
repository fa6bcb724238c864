import { AnnalsChanges } from "./changes.component";

customElements.define("annals-changes", AnnalsChanges);

declare global {
  interface HTMLElementTagNameMap {
    "annals-changes": AnnalsChanges;
  }
}
