import { html, LitElement, nothing, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import "cally";
import type { Environment } from "../../model/environment";
import type { Query } from "../../model/query";
import { plusDays } from "../../model/zone";
import { controls } from "../../styles/controls";
import { icon } from "../../styles/icons";
import { popups } from "../../styles/popups";
import { emit } from "../emit";
import { Popup } from "../popup";
import { days, PRESETS, presetRange, type Range } from "./presets";
import { rangeStyles } from "./range.styles";

/**
 * The date range: presets, a calendar of local days, and exact times.
 *
 * Days are those of the shown zone, however long they are there. What leaves is half-open: the
 * beginning of the first day, and the beginning of the day after the last.
 *
 * @fires annals-query - With `from` and `to` changed.
 */
export class AnnalsRange extends LitElement {
  static override styles = [controls, popups, rangeStyles];

  @property({ attribute: false }) environment!: Environment;
  @property({ attribute: false }) query!: Query;
  readonly #popup = new Popup(this);

  protected override render(): TemplateResult {
    const { words } = this.environment;
    const isSet = Boolean(this.query.one("from") || this.query.one("to"));
    return html`<button
        type="button"
        class="opener ${isSet ? "chosen" : ""}"
        aria-haspopup="dialog"
        aria-expanded=${this.#popup.isOpen}
        @click=${this.#popup.toggle}
      >
        ${icon("calendar")}<span>${words.say("date_range")}</span>${icon("down")}
      </button>
      ${this.#popup.isOpen ? this.#content() : nothing}`;
  }

  #content(): TemplateResult {
    const { words, zone } = this.environment;
    return html`<div class="popup" role="dialog" aria-label=${words.say("date_range")}>
      <div class="presets" role="group" aria-label=${words.say("presets")}>
        ${PRESETS.map(
          (preset) =>
            html`<button
              type="button"
              class="link"
              @click=${() => this.#choose(presetRange(preset, zone, new Date()))}
            >
              ${words.say(`preset_${preset}`)}
            </button>`,
        )}
      </div>
      <div class="choice">
        <calendar-range
          months="2"
          locale=${zone.locale}
          value=${this.#daysChosen()}
          @change=${this.#picked}
        >
          <span slot="previous"
            >${icon("previous")}<span class="unseen">${words.say("previous_month")}</span></span
          >
          <span slot="next"
            >${icon("next")}<span class="unseen">${words.say("next_month")}</span></span
          >
          <div class="months">
            <calendar-month></calendar-month>
            <calendar-month offset="1"></calendar-month>
          </div>
        </calendar-range>
        <div class="bounds">${this.#bound("from")}${this.#bound("to")}</div>
        ${
          this.#isWrong()
            ? html`<p class="wrong" role="alert">${words.say("range_wrong")}</p>`
            : nothing
        }
        <p class="quiet small">${words.say("times_in", { zone: zone.name })}</p>
      </div>
    </div>`;
  }

  #bound(name: "from" | "to"): TemplateResult {
    const { words, zone } = this.environment;
    const value = this.query.one(name);
    const label = words.say(name);
    const change = (event: Event) => {
      const local = (event.target as HTMLInputElement).value;
      this.#set({ ...this.#range(), [name]: zone.toUtc(local) });
    };
    return html`<div class="bound">
      <label for=${name}>${label}</label>
      <span>
        <input
          id=${name}
          type="datetime-local"
          step="1"
          max="9999-12-31T23:59:59"
          .value=${zone.toLocal(value)}
          @change=${change}
        />
        ${
          value
            ? html`<button
                type="button"
                class="icon"
                aria-label=${words.say("clear_bound", { name: label })}
                @click=${() => this.#set({ ...this.#range(), [name]: null })}
              >
                ${icon("close")}
              </button>`
            : nothing
        }
      </span>
    </div>`;
  }

  #range(): Range {
    return { from: this.query.one("from"), to: this.query.one("to") };
  }

  #isWrong(): boolean {
    const { from, to } = this.#range();
    return Date.parse(from ?? "") >= Date.parse(to ?? "");
  }

  /** The range as the calendar takes it, if it consists of whole local days. */
  #daysChosen(): string {
    const { zone } = this.environment;
    const { from, to } = this.#range();
    if (!from || !to || this.#isWrong()) return "";
    // The end belongs to the range no longer: the day that holds the moment before is the last.
    const last = new Date(Date.parse(to) - 1).toISOString();
    return `${zone.toLocal(from).slice(0, 10)}/${zone.toLocal(last).slice(0, 10)}`;
  }

  #picked(event: Event): void {
    const [first, last] = (event.target as HTMLElement & { value: string }).value.split("/");
    if (first && last) this.#choose(days(this.environment.zone, first, plusDays(last, 1)));
  }

  #set({ from, to }: Range): void {
    emit(this, "annals-query", { query: this.query.with("from", [from]).with("to", [to]) });
  }

  #choose(range: Range): void {
    this.#set(range);
    this.#popup.close();
  }
}
