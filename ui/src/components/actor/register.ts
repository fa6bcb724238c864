import { AnnalsActor } from "./actor.component";

customElements.define("annals-actor", AnnalsActor);

declare global {
  interface HTMLElementTagNameMap {
    "annals-actor": AnnalsActor;
  }
}
