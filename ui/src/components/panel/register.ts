import { AnnalsPanel } from "./panel.component";

customElements.define("annals-panel", AnnalsPanel);

declare global {
  interface HTMLElementTagNameMap {
    "annals-panel": AnnalsPanel;
  }
}
