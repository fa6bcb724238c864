import { AnnalsLog } from "./log.component";

customElements.define("annals-log", AnnalsLog);

declare global {
  interface HTMLElementTagNameMap {
    "annals-log": AnnalsLog;
  }
}
