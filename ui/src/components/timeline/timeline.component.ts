import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import type { Answer } from "../../api/client";
import type { ResourceActor, ResourceRow, Row } from "../../api/types";
import { valueText } from "../../model/changes";
import type { Environment } from "../../model/environment";
import { Query } from "../../model/query";
import { controls } from "../../styles/controls";
import { facts } from "../../styles/facts";
import { Asking } from "../asking";
import { emit } from "../emit";
import { eventLine, fact, moment, person } from "../facts";
import { timelineStyles } from "./timeline.styles";

type State = Answer<"/resources/{type}/{id}/state">;
const PAGE_ROWS = "50";

/**
 * The story of one resource: who made it, who changed it last, every event with what it changed,
 * and its fields' values at any of these moments against those of now.
 *
 * @fires annals-show - An event is to be opened.
 * @fires annals-query - The table is to show this resource alone.
 */
export class AnnalsTimeline extends LitElement {
  static override styles = [controls, facts, timelineStyles];

  @property({ attribute: false }) environment!: Environment;
  @property() type = "";
  @property({ attribute: "resource-id" }) resourceId = "";

  @state() private resource: ResourceRow | null = null;
  @state() private rows: Row[] = [];
  @state() private next: string | null = null;
  @state() private then: State | null = null;
  @state() private now: State | null = null;
  /** Which event's moment is looked at: 0 is the newest. */
  @state() private moment = 0;

  readonly #asking = new Asking(this, async (signal) => {
    const question = { at: this.#at, signal };
    const { client } = this.environment;
    const [resource, page, now] = await Promise.all([
      client.get("/resources/{type}/{id}", question),
      client.get("/resources/{type}/{id}/events", { ...question, query: { limit: PAGE_ROWS } }),
      client.get("/resources/{type}/{id}/state", question),
    ]);
    [this.resource, this.now, this.then] = [resource, now, now];
    [this.rows, this.next, this.moment] = [page.data, page.page.next ?? null, 0];
  });
  readonly #looking = new Asking(this, async (signal) => {
    const at = this.rows[this.moment]!.effective_at;
    const question = { at: this.#at, query: { at }, signal };
    this.then = await this.environment.client.get("/resources/{type}/{id}/state", question);
  });

  get #at() {
    return { type: this.type, id: this.resourceId };
  }

  protected override updated(changed: PropertyValues): void {
    const isOther = ["environment", "type", "resourceId"].some((name) => changed.has(name));
    if (isOther) void this.#asking.ask();
  }

  protected override render(): TemplateResult {
    const { words } = this.environment;
    const { resource } = this;
    if (this.#asking.refusal) return this.#asking.failure(words);
    if (!resource) return html`<div class="content" aria-busy="true"></div>`;
    const only = () => {
      const query = new Query([
        ["resource_type", this.type],
        ["resource_id", this.resourceId],
      ]);
      emit(this, "annals-query", { query, view: "events", shown: null });
    };
    return html`<div class="content">
      <div class="heading">
        <span class="badge"><bdi>${resource.type}</bdi></span>
        <h2><bdi>${resource.name || resource.id}</bdi></h2>
        ${resource.deleted ? html`<span class="quiet">${words.say("deleted")}</span>` : nothing}
      </div>
      <dl class="facts">
        ${fact(words.say("creator"), this.#by(resource.creator))}
        ${fact(words.say("last_editor"), this.#by(resource.last_editor))}
        ${
          resource.names.length > 1
            ? fact(
                words.say("names"),
                resource.names.map(
                  ({ name }, index) => html`${index > 0 ? " → " : nothing}<bdi>${name}</bdi>`,
                ),
              )
            : nothing
        }
        ${fact(words.say("change_count"), words.number(resource.changes))}
      </dl>
      <div class="actions">
        <button type="button" @click=${only}>${words.say("show_in_table")}</button>
      </div>
      ${this.#state()}
      <section>
        <h3>${words.say("history")}</h3>
        <ol class="lines">
          ${this.rows.map((row) => this.#entry(row))}
        </ol>
        ${
          this.next
            ? html`<button type="button" class="link" @click=${this.#more}>
                ${words.say("show_more")}
              </button>`
            : nothing
        }
      </section>
    </div>`;
  }

  #by(by: ResourceActor | null | undefined): TemplateResult | string {
    const { words } = this.environment;
    if (!by) return words.say("before_recording");
    const open = () => emit(this, "annals-show", { shown: { what: "event", id: by.event_id } });
    return html`${person(by.actor, this.environment)}<br /><button
        type="button"
        class="link when"
        @click=${open}
      >
        ${moment(by.at, this.environment)}
      </button>`;
  }

  #state(): TemplateResult | typeof nothing {
    const { words, zone } = this.environment;
    const { then, now } = this;
    const fields = [
      ...new Set([...Object.keys(now?.fields ?? {}), ...Object.keys(then?.fields ?? {})]),
    ];
    if (!then || !now || fields.length === 0) return nothing;
    const last = this.rows.length - 1;
    const at = this.rows[this.moment]?.effective_at;
    return html`<section>
      <h3 id="as-of">${words.say("as_of")}</h3>
      <input
        type="range"
        aria-labelledby="as-of"
        aria-valuetext=${at ? `${zone.text(at)} ${zone.offset(at)}` : words.say("now_word")}
        min="0"
        max=${last}
        .value=${String(last - this.moment)}
        @input=${this.#slide}
        @change=${this.#reach}
      />
      <p class="quiet small slider-time" role="status">
        ${this.moment === 0 ? words.say("now_word") : at ? moment(at, this.environment) : nothing}${
          then.exists === false ? ` · ${words.say("not_existing")}` : nothing
        }
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">${words.say("field")}</th>
            <th scope="col">${words.say("then")}</th>
            <th scope="col">${words.say("now_word")}</th>
          </tr>
        </thead>
        <tbody>
          ${fields.map((field) => this.#fieldRow(field, then, now))}
        </tbody>
      </table>
    </section>`;
  }

  #fieldRow(field: string, then: State, now: State): TemplateResult {
    const { words } = this.environment;
    const text = (state: State) =>
      state.unknown.includes(field)
        ? words.say("unknown")
        : field in state.fields
          ? valueText(state.fields[field])
          : "–";
    const differs = text(then) !== text(now);
    return html`<tr class=${differs ? "differs" : ""}>
      <th scope="row"><bdi>${field}</bdi></th>
      <td><bdi>${text(then)}</bdi></td>
      <td><bdi>${text(now)}</bdi></td>
    </tr>`;
  }

  #entry(row: Row): TemplateResult {
    const { words } = this.environment;
    return html`<li>
      ${eventLine(this, row, this.environment)}
      <p class="small by">${person(row.actor, this.environment)}</p>
      ${
        row.changes.length > 0
          ? html`<annals-changes .changes=${row.changes} .words=${words}></annals-changes>`
          : nothing
      }
    </li>`;
  }

  #slide(event: InputEvent): void {
    this.moment = this.rows.length - 1 - Number((event.target as HTMLInputElement).value);
    void this.#looking.ask();
  }

  /** At the oldest moment known, older ones are fetched: the slider goes as far as the history. */
  readonly #reach = async (): Promise<void> => {
    if (this.moment === this.rows.length - 1 && this.next) await this.#more();
  };

  readonly #more = async (): Promise<void> => {
    const query = { limit: PAGE_ROWS, cursor: this.next! };
    const { client } = this.environment;
    const page = await client.get("/resources/{type}/{id}/events", { at: this.#at, query });
    [this.rows, this.next] = [[...this.rows, ...page.data], page.page.next ?? null];
  };
}
