import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, query, state } from "lit/decorators.js";
import { Address, type Place, type Shown } from "../../model/address";
import { Query } from "../../model/query";
import { isZone, localZone } from "../../model/zone";
import { controls } from "../../styles/controls";
import { icon } from "../../styles/icons";
import { tokens } from "../../styles/tokens";
import type { AnnalsEvents as Fired } from "../emit";
import type { AnnalsEvents } from "../events/events.component";
import type { AnnalsFilters } from "../filters/filters.component";
import { PublicElement } from "../public-element";
import type { AnnalsResources } from "../resources/resources.component";
import { COLUMNS, type Column } from "../table/cells";
import { logStyles } from "./log.styles";
import { VIEWS } from "./views";

/** Where the choice of a time zone is kept. */
const ZONE_KEY = "annals.zone";
const SEED_COLUMNS = "time action resource user";
const SAID_FOR_MS = 3_000;

/**
 * `<annals-log>`: the audit log of a workspace: a table with filters, a histogram, exports, and
 * beside it whatever is looked at more closely.
 *
 * Give it a workspace and `getToken`. It is 40rem high unless the host says otherwise.
 *
 * @attr src - Base address of Annals; by default where the script came from.
 * @attr workspace - The workspace that is looked at.
 * @attr columns - Columns and their order: `time action resource user`, also `ip` and `service`.
 * @attr theme - `light`, `dark` or `auto`.
 * @attr locale - Language of texts, dates and numbers; by default the browser's.
 * @attr time-zone - The workspace's own zone, offered beside local time and UTC.
 * @attr resource-url - Where resources are shown: `/app/{type}/{id}`.
 * @attr url-prefix - Parameters of the address that begin so are the element's; `annals-`.
 * @attr log-key - Public keys (vkey lines) that proofs are verified with; by default those that the
 *   server gives, which the verdict says.
 * @prop {() => Promise<string>} getToken - Gives a token of the viewer; asked again before it ends.
 * @fires annals-open-resource - `{type, id}` was clicked. Cancelable: prevent it to show it
 *   yourself.
 * @fires annals-query - Other filters were chosen.
 * @slot - Beside the export button.
 * @csspart filters - The filters.
 * @csspart chip - One chosen filter.
 * @csspart table - The table.
 * @csspart row - A row of the table.
 * @csspart panel - What lies open beside the table.
 * @cssprop --annals-block-size - Height of the element.
 * @cssprop --annals-accent - Colour of what can be clicked and what is chosen.
 * @cssprop --annals-text - Colour of texts.
 * @cssprop --annals-surface - Colour behind the table.
 * @cssprop --annals-line - Colour of lines.
 * @cssprop --annals-radius - Radius of corners.
 * @cssprop --annals-font - Font family.
 * @cssprop --annals-row-height - Height of a row.
 */
export class AnnalsLog extends PublicElement {
  static override styles = [tokens, controls, logStyles];

  /** Columns and their order. */
  @property() columns = SEED_COLUMNS;
  /** Where the host shows resources, with `{type}` and `{id}`. */
  @property({ attribute: "resource-url" }) resourceUrl = "";
  /** Parameters of the address that begin so are ours. */
  @property({ attribute: "url-prefix" }) urlPrefix = "annals-";

  @state() private place: Place = { query: new Query(), view: "events", shown: null };
  @state() private zoneChoice = localStorage.getItem(ZONE_KEY) ?? "local";
  @state() private said = "";
  @query("annals-events") private events!: AnnalsEvents | null;
  @query("annals-resources") private resources!: AnnalsResources | null;
  @query("annals-filters") private filters!: AnnalsFilters | null;
  #address = new Address(this.urlPrefix);

  constructor() {
    super();
    this.addEventListener("annals-query", ({ detail }) => this.#filter(detail));
    this.addEventListener("annals-narrow", ({ detail }) => this.#narrow(detail));
    this.addEventListener("annals-show", ({ detail }) => this.#show(detail.shown));
    this.addEventListener("annals-step", ({ detail }) => this.events?.table?.step(detail.by));
    this.addEventListener("annals-rows", ({ detail }) => this.filters?.learn(detail.rows));
    this.addEventListener("annals-copied", () => this.#say("copied"));
    this.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.place.shown) this.#show(null);
    });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("popstate", this.#wentBack);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("popstate", this.#wentBack);
  }

  /** Shows what is newest now. */
  reload(): void {
    void this.events?.reload();
    this.resources?.reload();
  }

  protected override get shownZone(): string {
    if (this.zoneChoice === "utc") return "UTC";
    return this.zoneChoice === "workspace" && isZone(this.timeZone) ? this.timeZone : localZone();
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    if (changed.has("zoneChoice") && this.hasUpdated) this.zoneChanged();
    if (changed.has("urlPrefix")) {
      this.#address = new Address(this.urlPrefix);
      this.place = this.#address.read();
    }
  }

  protected override render(): TemplateResult {
    const { query, view, shown } = this.place;
    const { environment } = this;
    return html`<div class="frame">
      ${this.#tools()}
      <annals-filters
        .environment=${environment}
        .query=${query}
        view=${view}
        exportparts="filters, chip"
      ></annals-filters>
      <div class="body">
        ${view === "events" ? this.#events() : this.#resources()}
        ${
          shown
            ? html`<annals-panel
                part="panel"
                .environment=${environment}
                .shown=${shown}
              ></annals-panel>`
            : nothing
        }
      </div>
      <p class="unseen" role="status">${this.said}</p>
      ${this.said ? html`<p class="toast" aria-hidden="true">${this.said}</p>` : nothing}
    </div>`;
  }

  #tools(): TemplateResult {
    const { query, view } = this.place;
    const refresh = this.#word("refresh");
    return html`<div class="tools">
      <nav class="views" aria-label=${this.#word("views")}>
        ${VIEWS.map((one) => {
          const choose = () =>
            this.#go({ ...this.place, query: one.choose(query), view: one.view });
          const isShown = one.view === view && one.isChosen(query);
          return html`<button type="button" aria-pressed=${isShown} @click=${choose}>
            ${this.#word(`view_${one.name}`)}
          </button>`;
        })}
      </nav>
      <span class="space"></span>
      <slot></slot>
      ${
        view === "events"
          ? html`<annals-export .environment=${this.environment} .query=${query}></annals-export>`
          : nothing
      }
      <button
        type="button"
        class="icon"
        title=${refresh}
        aria-label=${refresh}
        @click=${this.reload}
      >
        ${icon("refresh")}
      </button>
    </div>`;
  }

  #events(): TemplateResult {
    const { query, shown } = this.place;
    return html`<annals-events
      .environment=${this.environment}
      .query=${query}
      .columns=${this.#columns()}
      .resourceUrl=${this.resourceUrl}
      .opened=${shown?.what === "event" ? shown.id : ""}
      .summary=${() => this.filters?.summary ?? ""}
      exportparts="table, row"
      >${this.#zones()}</annals-events
    >`;
  }

  #resources(): TemplateResult {
    return html`<annals-resources
      .environment=${this.environment}
      .query=${this.place.query}
      exportparts="table"
    ></annals-resources>`;
  }

  #zones(): TemplateResult {
    const names: Record<string, string> = { local: localZone(), utc: "UTC" };
    if (this.timeZone && isZone(this.timeZone)) names.workspace = this.timeZone;
    return html`<label slot="zone" class="zone"
      >${this.#word("times")}
      <select @change=${this.#chooseZone}>
        ${Object.entries(names).map(
          ([choice, name]) =>
            html`<option value=${choice} ?selected=${choice === this.zoneChoice}>${name}</option>`,
        )}
      </select></label
    >`;
  }

  #word(key: string): string {
    return this.environment.words.say(key);
  }

  #columns(): Column[] {
    const known = (columns: string) =>
      columns.split(/[\s,]+/).filter((name): name is Column => COLUMNS.includes(name as Column));
    const asked = known(this.columns);
    return asked.length > 0 ? asked : known(SEED_COLUMNS);
  }

  #go(place: Place, how: "push" | "replace" = "push"): void {
    this.place = place;
    this.#address.write(place, how);
  }

  readonly #wentBack = (): void => {
    this.place = this.#address.read();
  };

  #filter({ replace, ...place }: Fired["annals-query"]): void {
    this.#go({ ...this.place, ...place }, replace ? "replace" : "push");
  }

  #narrow({ name, value }: Fired["annals-narrow"]): void {
    // From the table one filter more; from beside it all events of what was looked at.
    const query = this.place.shown ? new Query() : this.place.query;
    this.#go({ query: query.plus(name, value), view: "events", shown: null });
  }

  #show(shown: Shown | null): void {
    const isAnother = this.place.shown?.what !== shown?.what;
    this.#go({ ...this.place, shown }, isAnother ? "push" : "replace");
    if (!shown) this.events?.table?.focusActive();
  }

  #chooseZone(event: Event): void {
    this.zoneChoice = (event.target as HTMLSelectElement).value;
    localStorage.setItem(ZONE_KEY, this.zoneChoice);
  }

  #say(key: string): void {
    this.said = this.#word(key);
    setTimeout(() => (this.said = ""), SAID_FOR_MS);
  }
}
