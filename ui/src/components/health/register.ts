import { AnnalsHealth } from "./health.component";

customElements.define("annals-health", AnnalsHealth);

declare global {
  interface HTMLElementTagNameMap {
    "annals-health": AnnalsHealth;
  }
}
