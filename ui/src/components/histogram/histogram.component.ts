import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import type { Bucket } from "../../api/types";
import type { Environment } from "../../model/environment";
import type { Query } from "../../model/query";
import { controls } from "../../styles/controls";
import { emit } from "../emit";
import { histogramStyles } from "./histogram.styles";
import { span } from "./span";

const KINDS = ["create", "update", "delete", "other", "read"];

/**
 * How many actions there were, by time and kind. A click on a bar, or a stretch drawn over several,
 * becomes the date range. Arrows go from bar to bar, Enter chooses.
 *
 * @fires annals-query - With another date range.
 * @csspart bars - The bars.
 */
export class AnnalsHistogram extends LitElement {
  static override styles = [controls, histogramStyles];

  @property({ attribute: false }) environment!: Environment;
  @property({ attribute: false }) query!: Query;
  /** When the newest event of the query was. */
  @property() newest = "";

  @state() private buckets: Bucket[] = [];
  @state() private active = -1;
  @state() private drawn: { from: number; to: number } | null = null;
  #running = new AbortController();

  protected override updated(changed: PropertyValues): void {
    const isOther = ["environment", "query", "newest"].some((name) => changed.has(name));
    if (isOther && this.newest) void this.#load();
  }

  protected override render(): TemplateResult | typeof nothing {
    if (this.buckets.length === 0) return nothing;
    const { words } = this.environment;
    const highest = Math.max(1, ...this.buckets.map(({ count }) => count));
    const shown = this.buckets[this.drawn?.to ?? this.active];
    return html`<div class="head quiet small" aria-hidden="true">
        <span>${this.#day(0)}</span>
        <span class="readout">${shown ? this.#words(shown) : nothing}</span>
        <span>${this.#day(this.buckets.length - 1)}</span>
      </div>
      <div
        class="bars"
        part="bars"
        role="group"
        aria-label=${words.say("histogram")}
        @keydown=${this.#keydown}
        @pointerdown=${this.#draw}
        @pointermove=${this.#drawOn}
        @pointerup=${this.#drawEnd}
        @pointerleave=${() => this.drawn || (this.active = -1)}
      >
        ${this.buckets.map((bucket, index) => this.#bar(bucket, index, highest))}
      </div>`;
  }

  #bar(bucket: Bucket, index: number, highest: number): TemplateResult {
    const [from, to] = this.drawn
      ? [this.drawn.from, this.drawn.to].sort((a, b) => a - b)
      : [-1, -1];
    const isDrawn = index >= from! && index <= to!;
    const parts = KINDS.map((kind) => [kind, bucket.by?.[kind] ?? 0] as const);
    return html`<button
      type="button"
      class="bar ${isDrawn ? "drawn" : ""}"
      tabindex=${index === Math.max(0, this.active) ? 0 : -1}
      aria-label=${this.#words(bucket)}
      @focus=${() => (this.active = index)}
      @pointerenter=${() => (this.active = index)}
    >
      ${parts.map(([kind, count]) =>
        count > 0
          ? html`<span
              class="part ${kind}"
              .style=${`block-size:${(100 * count) / highest}%`}
            ></span>`
          : nothing,
      )}
    </button>`;
  }

  async #load(): Promise<void> {
    this.#running.abort();
    const { signal } = (this.#running = new AbortController());
    const { client, zone } = this.environment;
    const covered = span(this.query, this.newest, zone);
    if (!covered) {
      this.buckets = [];
      return;
    }
    const { from, to, bucket } = covered;
    const query = this.query.with("from", [from]).with("to", [to]);
    const cut = { bucket, tz: zone.name, by: "kind" };
    try {
      const answer = await client.get("/histogram", { query: query.parameters(cut), signal });
      if (!signal.aborted) [this.buckets, this.active] = [answer.buckets, -1];
    } catch {
      // The table says what is wrong; a picture of it would say nothing more.
      if (!signal.aborted) this.buckets = [];
    }
  }

  #day(index: number): string {
    return this.environment.zone.day(this.buckets[index]!.start);
  }

  #words({ start, end, count, by }: Bucket): string {
    const { words, zone } = this.environment;
    const isHours = Date.parse(end) - Date.parse(start) < 20 * 3_600_000;
    const kinds = KINDS.filter((kind) => by?.[kind]).map(
      (kind) => `${words.say(`kind_${kind}`)} ${words.number(by![kind]!)}`,
    );
    const when = isHours ? zone.text(start) : zone.day(start);
    return [`${when}: ${words.say("actions", { count })}`, ...kinds].join(" · ");
  }

  #choose(from: number, to: number): void {
    const [first, last] = [this.buckets[Math.min(from, to)], this.buckets[Math.max(from, to)]];
    if (!first || !last) return;
    const plain = (iso: string) => iso.replace(".000000Z", "Z");
    const query = this.query.with("from", [plain(first.start)]).with("to", [plain(last.end)]);
    emit(this, "annals-query", { query });
  }

  #keydown(event: KeyboardEvent): void {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (move) {
      event.preventDefault();
      const last = this.buckets.length - 1;
      this.active = Math.max(0, Math.min(last, this.active + move));
      this.renderRoot.querySelectorAll<HTMLElement>(".bar")[this.active]?.focus();
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.#choose(this.active, this.active);
    }
  }

  #at(event: PointerEvent): number {
    const bars = event.currentTarget as HTMLElement;
    const { left, width } = bars.getBoundingClientRect();
    const place = Math.floor(((event.clientX - left) / width) * this.buckets.length);
    return Math.max(0, Math.min(this.buckets.length - 1, place));
  }

  #draw(event: PointerEvent): void {
    if (event.button !== 0) return;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    const index = this.#at(event);
    this.drawn = { from: index, to: index };
  }

  #drawOn(event: PointerEvent): void {
    if (this.drawn) this.drawn = { from: this.drawn.from, to: this.#at(event) };
  }

  #drawEnd(): void {
    const { drawn } = this;
    this.drawn = null;
    if (drawn) this.#choose(drawn.from, drawn.to);
  }
}
