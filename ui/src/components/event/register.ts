import { AnnalsEvent } from "./event.component";

customElements.define("annals-event", AnnalsEvent);

declare global {
  interface HTMLElementTagNameMap {
    "annals-event": AnnalsEvent;
  }
}
