import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, query, state } from "lit/decorators.js";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import {
  defaultRangeExtractor,
  VirtualizerController,
  type Range,
  type VirtualItem,
} from "@tanstack/lit-virtual";
import type { Resource, Row } from "../../api/types";
import type { Environment } from "../../model/environment";
import type { Pages } from "../../model/pages";
import { SharedNames } from "../../model/people";
import { around } from "../../model/query";
import { controls } from "../../styles/controls";
import { dots } from "../../styles/dots";
import { icon } from "../../styles/icons";
import { emit } from "../emit";
import { cell, type Column, type Scene } from "./cells";
import { tableStyles } from "./table.styles";

const OVERSCAN_ROWS = 12;
/** Rows that stand for those to come while the first or more are fetched. */
const ROWS_TO_COME = 12;
/** What of a row is not a click on the row itself. */
const CONTROLS = "button, a, input";

/**
 * The table: a real one for assistive technology, of which only the rows in sight exist.
 *
 * One row has the keyboard's attention at a time: arrows, Page Up and Down, Home and End move it,
 * Enter opens the event, Tab goes through what the row offers.
 *
 * @fires annals-narrow - A user or type was clicked.
 * @fires annals-query - What happened around an event is asked for.
 * @fires annals-show - An event is to be opened.
 * @fires annals-open-resource - A resource was clicked; cancelable.
 * @csspart table - The table.
 * @csspart row - A row.
 */
export class AnnalsTable extends LitElement {
  static override styles = [controls, dots, tableStyles];

  @property({ attribute: false }) environment!: Environment;
  @property({ attribute: false }) pages: Pages | null = null;
  /** Grows with every row that arrives. */
  @property({ type: Number }) revision = 0;
  @property({ attribute: false }) columns: readonly Column[] = [];
  @property() search = "";
  @property({ attribute: "resource-url" }) resourceUrl = "";
  /** How many rows there are, if that is known. */
  @property({ type: Number }) total = -1;
  /** The event that is open beside the table. */
  @property() opened = "";

  @state() private active = 0;
  @state() private rowPixels = 44;
  @query(".scroller") private scroller!: HTMLElement;
  @query(".probe") private probe!: HTMLElement;
  @query("thead") private head!: HTMLElement;

  #shared = new SharedNames();
  #awaitsFocus = false;
  readonly #virtual = new VirtualizerController<HTMLElement, HTMLElement>(this, {
    count: 0,
    getScrollElement: () => this.scroller ?? null,
    estimateSize: () => this.rowPixels,
    overscan: OVERSCAN_ROWS,
    // The active row exists wherever one has scrolled, or the keyboard would lose its place.
    rangeExtractor: (range: Range) => {
      const inSight = defaultRangeExtractor(range);
      const isApart = this.active < range.count && !inSight.includes(this.active);
      return isApart ? [...inSight, this.active].sort((a, b) => a - b) : inSight;
    },
  });
  readonly #resized = new ResizeObserver(() => this.#measure());

  override connectedCallback(): void {
    super.connectedCallback();
    void this.updateComplete.then(() => this.#resized.observe(this.probe));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resized.disconnect();
  }

  /** Shows the newest row. */
  toTop(): void {
    this.active = 0;
    this.scroller.scrollTop = 0;
  }

  /** Opens the row after or before the open one. */
  step(by: 1 | -1): void {
    this.#activate(this.active + by);
    this.#open(this.active);
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("pages")) {
      this.active = 0;
      this.#shared = new SharedNames();
    }
    const virtual = this.#virtual.getVirtualizer();
    const toCome = this.pages === null || this.pages.hasMore ? ROWS_TO_COME : 0;
    const count = (this.pages?.length ?? 0) + toCome;
    virtual.setOptions({ ...virtual.options, count, scrollMargin: this.head?.offsetHeight ?? 0 });
    if (changed.has("rowPixels")) virtual.measure();
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("pages") && this.scroller.scrollTop > 0) this.scroller.scrollTop = 0;
    const active = `tr[data-index="${this.active}"]`;
    const row = this.#awaitsFocus && this.renderRoot.querySelector<HTMLElement>(active);
    if (row) {
      row.focus({ preventScroll: true });
      this.#awaitsFocus = false;
    }
    const { range } = this.#virtual.getVirtualizer();
    if (range) this.pages?.need(range.startIndex, range.endIndex + OVERSCAN_ROWS, this.active);
  }

  protected override render(): TemplateResult {
    const { words } = this.environment;
    const virtual = this.#virtual.getVirtualizer();
    const margin = virtual.options.scrollMargin;
    const height = virtual.getTotalSize();
    const scene = this.#scene();
    return html`<div class="probe"></div>
      <div class="scroller" .style=${`--columns:${this.#tracks()}`}>
        <table role="table" part="table" aria-rowcount=${this.total >= 0 ? this.total + 1 : -1}>
          <caption class="unseen">
            ${words.say("caption")}
          </caption>
          <thead role="rowgroup">
            <tr role="row" aria-rowindex="1">
              ${this.columns.map(
                (column) =>
                  html`<th
                    scope="col"
                    role="columnheader"
                    aria-sort=${column === "time" ? "descending" : nothing}
                  >
                    ${words.say(`column_${column}`)}
                  </th>`,
              )}
            </tr>
          </thead>
          <tbody role="rowgroup" .style=${`block-size:${height}px`} @keydown=${this.#keydown}>
            ${repeat(
              virtual.getVirtualItems(),
              ({ index }) => index,
              (item) => this.#row(item, margin, scene),
            )}
          </tbody>
        </table>
      </div>`;
  }

  /** While one scrolls most rows stay as they are: only those that change are made again. */
  #row({ index, start }: VirtualItem, margin: number, scene: Scene): unknown {
    const row = this.pages?.at(index);
    const place = `transform:translateY(${start - margin}px)`;
    if (!row) {
      return html`<tr role="row" class="to-come" aria-hidden="true" .style=${place}>
        ${this.columns.map(() => html`<td role="cell"><span class="bar"></span></td>`)}
      </tr>`;
    }
    this.#shared.learn(row.actor, this.environment.words);
    const tabIndex = index === this.active ? 0 : -1;
    const isOpened = row.event_id === this.opened;
    const { environment, columns, search, resourceUrl } = this;
    const shown = [environment, columns, search, resourceUrl, this.#shared.size];
    return guard([row, place, tabIndex, isOpened, ...shown], () => {
      const cells = columns.map((column) => this.#cell(column, row, { ...scene, tabIndex }));
      return html`<tr
        role="row"
        part="row"
        class=${isOpened ? "opened" : ""}
        data-event-id=${row.event_id}
        data-index=${index}
        aria-rowindex=${index + 2}
        aria-selected=${isOpened ? "true" : nothing}
        tabindex=${tabIndex}
        .style=${place}
        @click=${(event: MouseEvent) => this.#clicked(event, index)}
      >
        ${cells}
      </tr>`;
    });
  }

  #cell(column: Column, row: Row, scene: Scene): TemplateResult {
    const label = this.environment.words.say(`column_${column}`);
    return html`<td role="cell" class=${column} data-label=${label}>
      <div>${cell(column, row, scene)}</div>
      ${column === "user" ? this.#around(row, scene.tabIndex) : nothing}
    </td>`;
  }

  #around(row: Row, tabIndex: number): TemplateResult {
    const label = this.environment.words.say("around");
    const show = () => emit(this, "annals-query", { query: around(row.effective_at) });
    return html`<button
      type="button"
      class="icon around"
      tabindex=${tabIndex}
      title=${label}
      aria-label=${label}
      @click=${show}
    >
      ${icon("around")}
    </button>`;
  }

  #scene(): Scene {
    const { environment, search, resourceUrl } = this;
    const narrow = (name: string, value: string) => emit(this, "annals-narrow", { name, value });
    const openResource = (event: Event, { type, id }: Resource) => {
      const isOurs = emit(this, "annals-open-resource", { type, id });
      if (!isOurs || !resourceUrl) event.preventDefault();
      if (isOurs && !resourceUrl)
        emit(this, "annals-show", { shown: { what: "resource", type, id } });
    };
    return {
      environment,
      shared: this.#shared,
      search,
      resourceUrl,
      narrow,
      openResource,
      tabIndex: -1,
    };
  }

  #tracks(): string {
    const widths: Record<Column, string> = {
      time: "minmax(17rem, 1.1fr)",
      action: "minmax(9rem, 1.1fr)",
      resource: "minmax(12rem, 1.65fr)",
      user: "minmax(11rem, 1.2fr)",
      ip: "minmax(7rem, 0.6fr)",
      service: "minmax(7rem, 0.6fr)",
    };
    return this.columns.map((column) => widths[column]).join(" ");
  }

  #measure(): void {
    const pixels = this.probe.offsetHeight;
    if (pixels > 0) this.rowPixels = pixels;
  }

  #clicked(event: MouseEvent, index: number): void {
    this.active = index;
    const isOnControl = (event.target as Element).closest(CONTROLS);
    // Somebody who marks a text to copy it does not want to open anything.
    if (isOnControl || getSelection()?.type === "Range") return;
    this.#open(index);
  }

  #keydown = (event: KeyboardEvent): void => {
    const visible = Math.max(1, Math.floor(this.scroller.clientHeight / this.rowPixels) - 1);
    const last = (this.pages?.length ?? 0) - 1;
    const moves: Record<string, number> = {
      ArrowDown: this.active + 1,
      ArrowUp: this.active - 1,
      PageDown: this.active + visible,
      PageUp: this.active - visible,
      Home: 0,
      End: last,
    };
    const to = moves[event.key];
    const isOnRow = (event.target as Element).matches("tr");
    if (to !== undefined) {
      event.preventDefault();
      this.#activate(to);
    } else if (event.key === "Enter" && isOnRow) {
      this.#open(this.active);
    }
  };

  #activate(index: number): void {
    const last = (this.pages?.length ?? 0) - 1;
    this.active = Math.max(0, Math.min(index, last));
    const virtual = this.#virtual.getVirtualizer();
    const start = this.active * this.rowPixels;
    const seen = this.scroller.clientHeight - virtual.options.scrollMargin;
    const { scrollTop } = this.scroller;
    if (start < scrollTop) this.scroller.scrollTop = start;
    if (start + this.rowPixels > scrollTop + seen) {
      this.scroller.scrollTop = start + this.rowPixels - seen;
    }
    this.focusActive();
  }

  /** Gives the active row the focus, as soon as it has come into being. */
  focusActive(): void {
    this.#awaitsFocus = true;
    this.requestUpdate();
  }

  #open(index: number): void {
    const row = this.pages?.at(index);
    if (row) emit(this, "annals-show", { shown: { what: "event", id: row.event_id } });
  }
}
