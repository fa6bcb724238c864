import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import type { Accounting, QuarantinedRow, Readiness, Snapshot } from "../../api/types";
import { controls } from "../../styles/controls";
import { facts } from "../../styles/facts";
import { tokens } from "../../styles/tokens";
import { Asking } from "../asking";
import { moment } from "../facts";
import { PublicElement } from "../public-element";
import { healthStyles } from "./health.styles";

const REFRESH_MS = 10_000;
const QUARANTINE_ROWS = "20";
const QUARANTINE_COLUMNS = ["recorded", "reason", "detail"];

/**
 * `<annals-health>`: whether the log is complete: up to when, what became of every record, what was
 * refused and why, and partitions that stand still. For tokens with `audit:admin`.
 *
 * Attributes as of `<annals-log>`. Asks again every ten seconds.
 */
export class AnnalsHealth extends PublicElement {
  static override styles = [tokens, controls, facts, healthStyles];

  @state() private accounting: Accounting | null = null;
  @state() private readiness: Readiness | null = null;
  @state() private quarantined: QuarantinedRow[] = [];
  @state() private snapshot: Snapshot | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  readonly #asking = new Asking(this, async (signal) => {
    const { client } = this.environment;
    const [accounting, quarantine, newest, readiness] = await Promise.all([
      client.get("/accounting", { signal }),
      client.get("/quarantine", { query: { limit: QUARANTINE_ROWS }, signal }),
      client.get("/events", { query: { limit: "1" }, signal }),
      client.readiness(),
    ]);
    [this.accounting, this.quarantined] = [accounting, quarantine.data];
    [this.snapshot, this.readiness] = [newest.snapshot, readiness];
  });

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) void this.#asking.ask();
    this.#timer = setInterval(() => document.hidden || void this.#asking.ask(), REFRESH_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("environment")) void this.#asking.ask();
  }

  protected override render(): TemplateResult {
    const { words } = this.environment;
    if (this.#asking.refusal) return this.#asking.failure(words);
    const { accounting, readiness } = this;
    if (!accounting || !readiness) return html`<div class="content" aria-busy="true"></div>`;
    const { records, visible, duplicate, quarantined } = accounting;
    const holds = records === visible + duplicate + quarantined;
    const halted = readiness.partitions.filter(({ status }) => status === "halted");
    const complete = this.snapshot?.complete_through.time;
    const through = complete ? moment(complete, this.environment) : "–";
    return html`<div class="content">
      <div class="figures">
        ${this.#figure("complete_through", through, Boolean(complete))}
        ${this.#figure("records", words.number(records), holds, holds ? "adds_up" : "adds_up_not")}
        ${this.#figure("quarantined", words.number(quarantined), quarantined === 0)}
        ${this.#figure("partitions_halted", words.number(halted.length), halted.length === 0)}
      </div>
      <section>
        <h2>${words.say("accounting")}</h2>
        <p class="sum">
          ${this.#term("records", records)} = ${this.#term("visible", visible)} +
          ${this.#term("duplicate", duplicate)} + ${this.#term("quarantined", quarantined)}
        </p>
      </section>
      <section>
        <h2>${words.say("partitions")}</h2>
        <ul>
          ${readiness.partitions.map(
            ({ partition, status }) =>
              html`<li>
                ${partition}:
                <span class="badge ${status === "halted" ? "fault" : ""}">${status}</span>
                ${this.#position(partition)}
              </li>`,
          )}
        </ul>
      </section>
      <section>
        <h2>${words.say("quarantine")}</h2>
        ${
          this.quarantined.length === 0
            ? html`<p class="quiet">${words.say("quarantine_empty")}</p>`
            : this.#quarantine()
        }
      </section>
    </div>`;
  }

  #figure(key: string, value: unknown, isGood: boolean, note?: string): TemplateResult {
    const { words } = this.environment;
    return html`<div class="figure ${isGood ? "good" : "bad"}">
      <span class="quiet small">${words.say(key)}</span>
      <strong>${value}</strong>
      ${note ? html`<span class="small">${words.say(note)}</span>` : nothing}
    </div>`;
  }

  /** How far the workspace's partition has been read; of others nothing is told. */
  #position(partition: number): TemplateResult | typeof nothing {
    const { words } = this.environment;
    const next = this.snapshot?.complete_through.positions?.[partition];
    if (next === undefined) return nothing;
    return html`<span class="quiet small"
      >${words.say("position")} <code>${words.number(next)}</code></span
    >`;
  }

  #term(key: string, value: number): TemplateResult {
    const { words } = this.environment;
    return html`<span><strong>${words.number(value)}</strong> ${words.say(key)}</span>`;
  }

  #quarantine(): TemplateResult {
    const { words } = this.environment;
    return html`<table>
      <thead>
        <tr>
          ${QUARANTINE_COLUMNS.map((key) => html`<th scope="col">${words.say(key)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${this.quarantined.map(
          (row) =>
            html`<tr>
              <td>${moment(row.recorded_at, this.environment)}</td>
              <td><code>${row.reason}</code></td>
              <td><bdi>${row.detail}</bdi></td>
            </tr>`,
        )}
      </tbody>
    </table>`;
  }
}
