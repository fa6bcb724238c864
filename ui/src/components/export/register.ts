import { AnnalsExport } from "./export.component";

customElements.define("annals-export", AnnalsExport);

declare global {
  interface HTMLElementTagNameMap {
    "annals-export": AnnalsExport;
  }
}
