import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, query, state } from "lit/decorators.js";
import { Refusal } from "../../api/refusal";
import type { Row, Total } from "../../api/types";
import type { Environment } from "../../model/environment";
import { Live } from "../../model/live";
import { Pages } from "../../model/pages";
import { Query } from "../../model/query";
import { controls } from "../../styles/controls";
import { emit } from "../emit";
import type { Column } from "../table/cells";
import type { AnnalsTable } from "../table/table.component";
import { eventsStyles } from "./events.styles";

/** Data older than this is said to be so. */
const BEHIND_MS = 60_000;

/**
 * The events of a query: histogram, table, what is new since, how many there are and how complete
 * that is; or why there are none.
 *
 * Rows come first, their number after them. A query that is replaced is forgotten at once.
 *
 * @fires annals-rows - `{rows}` that have arrived.
 * @fires annals-query - All filters are to be cleared, or others were chosen in the histogram.
 * @slot zone - At the end of the line below the table.
 * @csspart table - The table.
 * @csspart row - A row of it.
 */
export class AnnalsEvents extends LitElement {
  static override styles = [controls, eventsStyles];

  @property({ attribute: false }) environment!: Environment;
  @property({ attribute: false }) query!: Query;
  @property({ attribute: false }) columns: readonly Column[] = [];
  @property({ attribute: "resource-url" }) resourceUrl = "";
  /** The event that is open beside the table. */
  @property() opened = "";
  /** All filters in one line. */
  @property({ attribute: false }) summary = () => "";

  @state() private pages: Pages | null = null;
  @state() private revision = 0;
  @state() private isBusy = true;
  @state() private refusal: Refusal | null = null;
  @state() private total: Total | null = null;
  @state() private arrived = 0;
  @query("annals-table") readonly table!: AnnalsTable | null;
  #running = new AbortController();

  override connectedCallback(): void {
    super.connectedCallback();
    // Moved to another place of the page: what was asked for has been given up.
    if (this.hasUpdated) void this.reload();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#running.abort();
  }

  /** Asks for the newest rows, and only when they are there for their number. */
  async reload(): Promise<void> {
    this.#running.abort();
    const { signal } = (this.#running = new AbortController());
    const { client } = this.environment;
    const { query } = this;
    const pages = new Pages(client, query, signal, (rows) => this.#rowsCame(rows));
    [this.isBusy, this.refusal] = [true, null];
    let rows: readonly Row[];
    try {
      rows = await pages.open();
    } catch (error) {
      if (!signal.aborted) this.#fail(error instanceof Refusal ? error : new Refusal(0));
      return;
    }
    if (signal.aborted) return;
    this.#show(pages, null);
    performance.mark("annals-first-rows");
    this.#rowsCame(rows);
    await this.updateComplete;
    void this.#count(signal);
    const arrived = (count: number) => (this.arrived = count);
    const live = new Live(client, arrived, (refusal) => this.#fail(refusal));
    if (pages.snapshot) void live.follow(query, pages.snapshot, signal);
  }

  protected override willUpdate(changed: PropertyValues): void {
    const before = changed.get("query") as Query | undefined;
    const isOther = changed.has("query") && !(before && before.equals(this.query));
    const environment = changed.get("environment") as Environment | undefined;
    const isElsewhere =
      changed.has("environment") && environment?.client !== this.environment.client;
    if (isElsewhere) this.pages = null;
    if (isOther || isElsewhere) void this.reload();
  }

  protected override render(): TemplateResult {
    const { words } = this.environment;
    const isShown = this.refusal === null && (this.isBusy || (this.pages?.length ?? 0) > 0);
    return html`${this.#banners()}
      ${
        isShown
          ? html`<annals-histogram
              .environment=${this.environment}
              .query=${this.query}
              newest=${this.pages?.at(0)?.effective_at ?? ""}
            ></annals-histogram>`
          : nothing
      }
      <section aria-label=${words.say("caption")} aria-busy=${this.isBusy}>
        ${isShown ? this.#table() : this.#message()}
      </section>
      ${this.#footer()}`;
  }

  #table(): TemplateResult {
    const { words } = this.environment;
    return html`${
        this.arrived > 0
          ? html`<button type="button" class="arrived" @click=${() => this.reload()}>
              ${words.say("new_events", { count: this.arrived })}
            </button>`
          : nothing
      }
      <annals-table
        class=${this.isBusy ? "busy" : ""}
        .environment=${this.environment}
        .pages=${this.pages}
        .revision=${this.revision}
        .columns=${this.columns}
        .search=${this.query.one("resource_name")}
        .resourceUrl=${this.resourceUrl}
        .total=${this.total?.relation === "eq" ? this.total.value : -1}
        .opened=${this.opened}
        exportparts="table, row"
      ></annals-table>`;
  }

  #message(): TemplateResult {
    return html`<annals-message
      .reason=${this.refusal ?? (this.query.isEmpty ? "empty" : "no-match")}
      .filters=${this.summary()}
      .words=${this.environment.words}
      @retry=${() => this.reload()}
      @clear=${() => emit(this, "annals-query", { query: new Query() })}
    ></annals-message>`;
  }

  #banners(): TemplateResult {
    const { words, zone } = this.environment;
    const snapshot = this.pages?.snapshot;
    const complete = snapshot?.complete_through.time;
    const isBehind = complete && !this.isBusy && Date.now() - Date.parse(complete) > BEHIND_MS;
    const retained = snapshot?.retained_from;
    const from = this.query.one("from");
    const isBeforeRetention = retained && (!from || Date.parse(from) < Date.parse(retained));
    const banner = (key: string, time: string) =>
      html`<p class="banner" role="status">${words.say(key, { time: zone.exact(time) })}</p>`;
    return html`${isBehind ? banner("behind", complete) : nothing}
    ${isBeforeRetention ? banner("retained", retained) : nothing}
    ${
      this.pages?.refusal
        ? html`<p class="banner" role="alert">
            ${words.say("rows_failed")}
            <button type="button" class="link" @click=${() => this.pages?.retry()}>
              ${words.say("retry")}
            </button>
          </p>`
        : nothing
    }`;
  }

  #footer(): TemplateResult {
    const { words, zone } = this.environment;
    const complete = this.pages?.snapshot?.complete_through.time;
    const time = complete && `${zone.text(complete)} ${zone.offset(complete)}`;
    return html`<footer>
      <span class="count">${this.#number()}</span>
      <span class="complete" title=${complete ?? nothing}
        >${time ? words.say("complete", { time }) : nothing}</span
      >
      <slot name="zone"></slot>
    </footer>`;
  }

  /** Exact up to ten thousand, with a plus beyond. */
  #number(): string {
    const { words } = this.environment;
    const { total } = this;
    if (!total) return "";
    const isExact = total.relation === "eq";
    return words.say(isExact ? "actions" : "actions_at_least", { count: total.value });
  }

  async #count(signal: AbortSignal): Promise<void> {
    const query = this.query.parameters({ count: "bounded", limit: "1" });
    const { client } = this.environment;
    const answer = await client.get("/events", { query, signal }).catch(() => null);
    if (answer && !signal.aborted) this.total = answer.total ?? null;
  }

  #show(pages: Pages | null, refusal: Refusal | null): void {
    [this.pages, this.refusal, this.isBusy] = [pages, refusal, false];
    [this.arrived, this.total] = [0, null];
  }

  /** Nothing of what was there stays: whoever may not read any more sees nothing any more. */
  #fail(refusal: Refusal): void {
    this.#running.abort();
    this.#show(null, refusal);
  }

  #rowsCame(rows: readonly Row[]): void {
    this.revision += 1;
    emit(this, "annals-rows", { rows });
  }
}
