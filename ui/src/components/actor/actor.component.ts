import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import type { FacetValue, Row } from "../../api/types";
import type { Environment } from "../../model/environment";
import { Query } from "../../model/query";
import { controls } from "../../styles/controls";
import { facts } from "../../styles/facts";
import { Asking } from "../asking";
import { emit } from "../emit";
import { eventLine, person } from "../facts";
import { actorStyles } from "./actor.styles";

const RECENT_ROWS = "20";
const VALUES = "8";

/**
 * Somebody and what they did: how often, when, on what, and most recently.
 *
 * @fires annals-show - An event is to be opened.
 * @fires annals-narrow - The table is to show their actions.
 */
export class AnnalsActor extends LitElement {
  static override styles = [controls, facts, actorStyles];

  @property({ attribute: false }) environment!: Environment;
  @property({ attribute: "actor-id" }) actorId = "";

  @state() private rows: Row[] = [];
  @state() private facets: Record<string, FacetValue[]> = {};
  @state() private query = new Query();

  readonly #asking = new Asking(this, async (signal) => {
    const query = new Query([["actor", this.actorId]]);
    const { client } = this.environment;
    const counted = { by: "action,resource_type", limit: VALUES };
    const [page, { facets }] = await Promise.all([
      client.get("/events", { query: query.parameters({ limit: RECENT_ROWS }), signal }),
      client.get("/facets", { query: query.parameters(counted), signal }),
    ]);
    [this.rows, this.facets, this.query] = [page.data, facets, query];
  });

  protected override updated(changed: PropertyValues): void {
    if (changed.has("actorId") || changed.has("environment")) void this.#asking.ask();
  }

  protected override render(): TemplateResult {
    const { words } = this.environment;
    if (this.#asking.refusal) return this.#asking.failure(words);
    if (this.#asking.isBusy) return html`<div class="content" aria-busy="true"></div>`;
    const [newest] = this.rows;
    const only = () => emit(this, "annals-narrow", { name: "actor", value: this.actorId });
    return html`<div class="content">
      <h2>${newest ? person(newest.actor, this.environment) : this.actorId}</h2>
      <div class="actions">
        <button type="button" @click=${only}>${words.say("show_in_table")}</button>
      </div>
      <annals-histogram
        .environment=${this.environment}
        .query=${this.query}
        newest=${newest?.effective_at ?? nothing}
      ></annals-histogram>
      ${this.#values("action")}${this.#values("resource_type")}
      <section>
        <h3>${words.say("most_recent")}</h3>
        <ol class="lines">
          ${this.rows.map((row) => {
            const [first] = row.resources;
            const name = first?.name || first?.id;
            return html`<li>${eventLine(this, row, this.environment, name)}</li>`;
          })}
        </ol>
      </section>
    </div>`;
  }

  #values(name: string): TemplateResult {
    const { words } = this.environment;
    const values = this.facets[name] ?? [];
    const most = Math.max(1, ...values.map(({ count }) => count));
    return html`<section>
      <h3>${words.say(`filter_${name}`)}</h3>
      <dl class="counts">
        ${values.map(
          ({ label, value, count }) =>
            html`<dt><bdi>${label || value}</bdi></dt>
              <dd>
                <span class="length" .style=${`inline-size:${(100 * count) / most}%`}></span
                >${words.number(count)}
              </dd>`,
        )}
      </dl>
    </section>`;
  }
}
