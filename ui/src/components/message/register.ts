import { AnnalsMessage } from "./message.component";

customElements.define("annals-message", AnnalsMessage);

declare global {
  interface HTMLElementTagNameMap {
    "annals-message": AnnalsMessage;
  }
}
