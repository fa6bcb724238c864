import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, query, state } from "lit/decorators.js";
import type { components } from "../../api/generated/schema";
import type { Environment } from "../../model/environment";
import { highlight } from "../../model/highlight";
import type { Query } from "../../model/query";
import { controls } from "../../styles/controls";
import { options } from "../../styles/options";
import { icon } from "../../styles/icons";
import { emit } from "../emit";
import { moved } from "../moved";
import { searchStyles } from "./search.styles";

type Suggestion = components["schemas"]["NameSuggestion"];

/** A pause in typing as long as this starts the search. */
const TYPING_PAUSE_MS = 250;
const SUGGESTIONS = 8;

/**
 * The search for a resource's name. The list follows as one types; below stand resources that have
 * such a name, of which one can be picked to see that one alone.
 *
 * @fires annals-query - The text has changed, or a resource was picked.
 * @fires annals-named - `{id, name}` of the resource that was picked.
 */
export class AnnalsSearch extends LitElement {
  static override styles = [controls, options, searchStyles];

  @property({ attribute: false }) environment!: Environment;
  @property({ attribute: false }) query!: Query;
  @state() private suggestions: Suggestion[] = [];
  @state() private active = -1;
  @query("input") private field!: HTMLInputElement;
  #typing: ReturnType<typeof setTimeout> | undefined;
  #running = new AbortController();

  protected override updated(changed: PropertyValues): void {
    if (!changed.has("query")) return;
    const value = this.query.one("resource_name");
    // What somebody is typing is not overwritten with an equal search.
    if (this.field.value.trim() !== value) {
      clearTimeout(this.#typing);
      this.field.value = value;
    }
  }

  protected override render(): TemplateResult {
    const { words } = this.environment;
    const isOpen = this.suggestions.length > 0;
    return html`${icon("search")}
      <input
        id="resource-name"
        type="search"
        role="combobox"
        aria-label=${words.say("filter_resource_name_long")}
        aria-expanded=${isOpen}
        aria-controls="names"
        aria-autocomplete="list"
        aria-activedescendant=${this.active >= 0 ? `name-${this.active}` : nothing}
        placeholder=${words.say("search_names")}
        maxlength="256"
        autocomplete="off"
        spellcheck="false"
        enterkeyhint="search"
        @input=${this.#typed}
        @keydown=${this.#keydown}
        @blur=${this.#forget}
      />
      <ul id="names" role="listbox" aria-label=${words.say("suggestions")} ?hidden=${!isOpen}>
        ${this.suggestions.map((one, index) => this.#suggestion(one, index))}
      </ul>`;
  }

  #suggestion(one: Suggestion, index: number): TemplateResult {
    const parts = highlight(one.name, this.field.value);
    const isRenamed = one.current_name && one.current_name !== one.name;
    return html`<li
      id="name-${index}"
      role="option"
      aria-selected=${index === this.active}
      class=${index === this.active ? "active" : ""}
      @pointerdown=${(event: Event) => event.preventDefault()}
      @click=${() => this.#pick(one)}
    >
      <span class="badge"><bdi>${one.type}</bdi></span>
      <bdi class="name"
        >${parts.map(({ text, isMatch }) => (isMatch ? html`<mark>${text}</mark>` : text))}</bdi
      >
      ${
        isRenamed
          ? html`<span class="quiet small"
              >${this.environment.words.say("now")} <bdi>${one.current_name}</bdi></span
            >`
          : nothing
      }
    </li>`;
  }

  #typed(): void {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => {
      const text = this.field.value.trim();
      emit(this, "annals-query", {
        query: this.query.with("resource_name", [text]),
        replace: true,
      });
      void this.#suggest(text);
    }, TYPING_PAUSE_MS);
  }

  async #suggest(text: string): Promise<void> {
    this.#forget();
    if (!text) return;
    const { signal } = this.#running;
    const { client } = this.environment;
    try {
      const { data } = await client.get("/resource-names", { query: { q: text }, signal });
      const isFocused = this.shadowRoot?.activeElement === this.field;
      if (!signal.aborted && isFocused) this.suggestions = data.slice(0, SUGGESTIONS);
    } catch {
      // A search without suggestions is a search still.
    }
  }

  #pick({ type, id, name }: Suggestion): void {
    clearTimeout(this.#typing);
    this.dispatchEvent(new CustomEvent("annals-named", { detail: { id, name } }));
    const query = this.query.with("resource_name", []).with("resource_type", [type]);
    emit(this, "annals-query", { query: query.with("resource_id", [id]) });
    this.#forget();
  }

  #forget(): void {
    this.#running.abort();
    this.#running = new AbortController();
    this.suggestions = [];
    this.active = -1;
  }

  #keydown(event: KeyboardEvent): void {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const count = this.suggestions.length;
    if (move && count > 0) {
      event.preventDefault();
      this.active = moved(this.active, move, count);
    } else if (event.key === "Enter" && !event.isComposing) {
      const picked = this.suggestions[this.active];
      if (picked) this.#pick(picked);
      else this.#forget();
    } else if (event.key === "Escape" && count > 0) {
      event.preventDefault();
      event.stopPropagation();
      this.#forget();
    }
  }
}
