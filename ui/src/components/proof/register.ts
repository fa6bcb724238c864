import { AnnalsProof } from "./proof.component";

customElements.define("annals-proof", AnnalsProof);

declare global {
  interface HTMLElementTagNameMap {
    "annals-proof": AnnalsProof;
  }
}
