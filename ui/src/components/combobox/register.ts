import { AnnalsCombobox } from "./combobox.component";

customElements.define("annals-combobox", AnnalsCombobox);

declare global {
  interface HTMLElementTagNameMap {
    "annals-combobox": AnnalsCombobox;
  }
}
