import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import type { FacetValue, Principal, Row } from "../../api/types";
import type { View } from "../../model/address";
import type { Environment } from "../../model/environment";
import { actorName } from "../../model/people";
import type { Query } from "../../model/query";
import { controls } from "../../styles/controls";
import { icon } from "../../styles/icons";
import type { Option } from "../combobox/combobox.component";
import { emit, type AnnalsEvents } from "../emit";
import { facet, peopleOptions, plainOptions, type Dimension } from "./choices";
import { filtersStyles } from "./filters.styles";
import { filterLabel, nameKey, valueLabel } from "./labels";

const DIMENSIONS: readonly Dimension[] = ["actor", "resource_type", "action"];
/** Filters of events that a list of resources has as well. */
const OF_RESOURCES: readonly Dimension[] = ["resource_type"];
/** Filters that the search box stands for. */
const SEARCHED = ["resource_name", "resource_id"];

/**
 * The filters: a search for names, lists of values with counts, a date range, and what is chosen
 * as chips that can be removed one by one.
 *
 * @fires annals-query - Other filters were chosen.
 * @csspart filters - All of it.
 * @csspart chip - One chosen value.
 */
export class AnnalsFilters extends LitElement {
  static override styles = [controls, filtersStyles];

  @property({ attribute: false }) environment!: Environment;
  @property({ attribute: false }) query!: Query;
  @property() view: View = "events";

  @state() private values: Partial<Record<Dimension, FacetValue[]>> = {};
  @state() private people: Principal[] = [];
  @state() private isUnfolded = false;
  @state() private names = new Map<string, string>();
  #text = "";
  #running = new AbortController();

  /** Remembers what people in these rows are called. */
  learn(rows: Iterable<Row>): void {
    const { words } = this.environment;
    const names = new Map(this.names);
    for (const { actor, resources } of rows) {
      for (const one of [actor, actor.on_behalf_of]) {
        if (one?.id) names.set(nameKey("actor", one.id), actorName(one, words));
      }
      for (const { id, name } of resources) if (name) names.set(nameKey("resource_id", id), name);
    }
    if (names.size > this.names.size) this.names = names;
  }

  /** All filters in one line. */
  get summary(): string {
    const { environment, names } = this;
    return this.query.pairs
      .map(
        ([name, value]) =>
          `${filterLabel(name, environment)}: ${valueLabel(name, value, environment, names)}`,
      )
      .join(" · ");
  }

  protected override willUpdate(changed: PropertyValues): void {
    // Counts belong to the other filters: they are asked for anew when a list opens.
    if (changed.has("environment")) [this.values, this.people] = [{}, []];
  }

  protected override render(): TemplateResult {
    const { words } = this.environment;
    const chosen = this.query.pairs.length;
    const dimensions = this.view === "resources" ? OF_RESOURCES : DIMENSIONS;
    return html`<div class="bar" part="filters" role="search" aria-label=${words.say("filters")}>
        <annals-search
          .environment=${this.environment}
          .query=${this.query}
          @annals-named=${this.#named}
        ></annals-search>
        <button
          type="button"
          class="fold"
          aria-expanded=${this.isUnfolded}
          @click=${() => (this.isUnfolded = !this.isUnfolded)}
        >
          ${icon("filter")}${words.say("filters")} ${chosen > 0 ? words.number(chosen) : nothing}
        </button>
        <div class="pickers ${this.isUnfolded ? "unfolded" : ""}">
          ${dimensions.map((dimension) => this.#picker(dimension))}
          <annals-range .environment=${this.environment} .query=${this.query}></annals-range>
          ${
            this.view === "events"
              ? html`<annals-more
                  .environment=${this.environment}
                  .query=${this.query}
                ></annals-more>`
              : nothing
          }
        </div>
      </div>
      ${this.#chips()}`;
  }

  #picker(dimension: Dimension): TemplateResult {
    const { words } = this.environment;
    return html`<annals-combobox
      id=${dimension}
      label=${words.say(`filter_${dimension}`)}
      free
      .words=${words}
      .options=${this.#options(dimension)}
      .selected=${this.query.all(dimension)}
      @annals-search=${({ detail }: CustomEvent<AnnalsEvents["annals-search"]>) =>
        this.#search(dimension, detail.text)}
      @annals-choose=${({ detail }: CustomEvent<AnnalsEvents["annals-choose"]>) =>
        emit(this, "annals-query", { query: this.query.with(dimension, detail.values) })}
    ></annals-combobox>`;
  }

  #options(dimension: Dimension): Option[] {
    const values = this.values[dimension] ?? [];
    return dimension === "actor"
      ? peopleOptions(values, this.people, this.#text, this.environment)
      : plainOptions(values);
  }

  async #search(dimension: Dimension, text: string): Promise<void> {
    this.#text = text;
    this.#running.abort();
    const { signal } = (this.#running = new AbortController());
    const { environment, query } = this;
    try {
      const people =
        dimension === "actor"
          ? environment.client
              .get("/actors", { query: { q: text }, signal })
              .then(({ data }) => data)
          : [];
      // While somebody types the counts stay as they are.
      const isCounted = text !== "" && this.values[dimension];
      const values = isCounted || facet(dimension, query, environment, signal);
      const [found, counted] = await Promise.all([people, values]);
      if (signal.aborted) return;
      this.people = found;
      this.values = { ...this.values, [dimension]: counted };
      this.#learnPeople();
    } catch {
      // The list stays as it is; whoever knows an id can still enter it.
    }
  }

  #learnPeople(): void {
    const { words } = this.environment;
    const names = new Map(this.names);
    for (const one of this.people) {
      if (one.id) names.set(nameKey("actor", one.id), actorName(one, words));
    }
    for (const { value, label } of this.values.actor ?? []) {
      if (value && label && !names.has(nameKey("actor", value)))
        names.set(nameKey("actor", value), label);
    }
    for (const { value, label } of this.values.action ?? []) {
      if (value && label) names.set(nameKey("action", value), label);
    }
    this.names = names;
  }

  #named({ detail: { id, name } }: CustomEvent<{ id: string; name: string }>): void {
    this.names = new Map(this.names).set(nameKey("resource_id", id), name);
  }

  #chips(): TemplateResult | typeof nothing {
    const { words } = this.environment;
    if (this.query.isEmpty) return nothing;
    const cleared = this.query.only([]);
    return html`<div class="chips">
      <ul aria-label=${words.say("chosen")}>
        ${this.query.pairs.map(([name, value]) => this.#chip(name, value))}
      </ul>
      <button
        type="button"
        class="link"
        @click=${() => emit(this, "annals-query", { query: cleared })}
      >
        ${words.say("clear_all")}
      </button>
    </div>`;
  }

  #chip(name: string, value: string): TemplateResult {
    const label = filterLabel(name, this.environment);
    const shown = valueLabel(name, value, this.environment, this.names);
    const isSearch = SEARCHED.includes(name);
    const query =
      isSearch && name === "resource_id"
        ? this.query.with("resource_id", []).with("resource_type", [])
        : this.query.minus(name, value);
    return html`<li part="chip" title=${value}>
      <span
        ><span class="quiet">${label}${value === "true" ? nothing : ":"}</span>${
          value === "true" ? nothing : html` <bdi>${shown}</bdi>`
        }</span
      ><button
        type="button"
        aria-label=${this.environment.words.say("remove", { filter: label, value: shown })}
        @click=${() => emit(this, "annals-query", { query })}
      >
        ${icon("close")}
      </button>
    </li>`;
  }
}
