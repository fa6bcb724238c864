import { html, LitElement, nothing, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { Refusal } from "../../api/refusal";
import type { Environment } from "../../model/environment";
import type { Query } from "../../model/query";
import { controls } from "../../styles/controls";
import { icon } from "../../styles/icons";
import { popups } from "../../styles/popups";
import { Popup } from "../popup";
import { exportStyles } from "./export.styles";

const POLL_MS = 1_000;
/** An export that takes longer goes on, but is no longer watched. */
const LONGEST_WATCH_MS = 30 * 60_000;

/**
 * Exports what the filters show, as CSV or NDJSON: the server makes a download that can be loaded
 * once, the browser loads it, and the manifest says when it is complete and what its hash is.
 */
export class AnnalsExport extends LitElement {
  static override styles = [controls, popups, exportStyles];

  @property({ attribute: false }) environment!: Environment;
  @property({ attribute: false }) query!: Query;
  @state() private status = "";
  @state() private hash = "";
  readonly #popup = new Popup(this);

  protected override render(): TemplateResult {
    const { words } = this.environment;
    return html`<button
        type="button"
        class="opener"
        aria-haspopup="dialog"
        aria-expanded=${this.#popup.isOpen}
        @click=${this.#popup.toggle}
      >
        ${icon("export")}<span>${words.say("export")}</span>${icon("down")}
      </button>
      ${
        this.#popup.isOpen
          ? html`<div class="popup" role="dialog" aria-label=${words.say("export")}>
              <p class="quiet small">${words.say("export_text")}</p>
              <button type="button" @click=${() => this.#export("csv")}>CSV</button>
              <button type="button" @click=${() => this.#export("ndjson")}>NDJSON</button>
              <p class="small" role="status">${this.status}</p>
              ${this.hash ? html`<code class="small">sha256 ${this.hash}</code>` : nothing}
            </div>`
          : nothing
      }`;
  }

  async #export(format: "csv" | "ndjson"): Promise<void> {
    const { client, words, zone } = this.environment;
    [this.status, this.hash] = [words.say("export_preparing"), ""];
    // A second column of times, in the zone that the table shows.
    const parameters = this.query.parameters({ format });
    if (format === "csv") parameters.set("tz", zone.name);
    try {
      const made = await client.export(parameters);
      const ticket = made.download_url.split("/").pop() ?? "";
      download(new URL(`v1/exports/${ticket}`, client.base));
      await this.#watch(made.id);
    } catch (error) {
      const isForbidden = error instanceof Refusal && error.status === 403;
      this.status = words.say(isForbidden ? "export_forbidden" : "export_failed");
    }
  }

  /** Waits for the manifest, which is there as soon as the last row has been sent. */
  async #watch(id: string): Promise<void> {
    const { client, words } = this.environment;
    const started = Date.now();
    while (Date.now() - started < LONGEST_WATCH_MS) {
      try {
        const manifest = await client.get("/exports/{id}/manifest", { at: { id } });
        this.status = words.say("export_done", { count: manifest.rows });
        this.hash = manifest.sha256;
        return;
      } catch (error) {
        if (!(error instanceof Refusal && error.status === 404)) throw error;
        const seconds = Math.round((Date.now() - started) / 1_000);
        this.status = words.say("export_running", { seconds });
        await new Promise((go) => setTimeout(go, POLL_MS));
      }
    }
  }
}

/** Has the browser load an address as a file. */
function download(address: URL): void {
  const link = document.createElement("a");
  link.href = address.href;
  link.download = "";
  link.rel = "noopener";
  document.body.append(link);
  link.click();
  link.remove();
}
