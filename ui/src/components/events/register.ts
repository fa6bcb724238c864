import { AnnalsEvents } from "./events.component";

customElements.define("annals-events", AnnalsEvents);

declare global {
  interface HTMLElementTagNameMap {
    "annals-events": AnnalsEvents;
  }
}
