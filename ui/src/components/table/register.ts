import { AnnalsTable } from "./table.component";

customElements.define("annals-table", AnnalsTable);

declare global {
  interface HTMLElementTagNameMap {
    "annals-table": AnnalsTable;
  }
}
