import { html, LitElement, nothing, type TemplateResult } from "lit";
import { property, query, state } from "lit/decorators.js";
import type { Words } from "../../messages/words";
import { highlight } from "../../model/highlight";
import { controls } from "../../styles/controls";
import { options } from "../../styles/options";
import { icon } from "../../styles/icons";
import { popups } from "../../styles/popups";
import { emit } from "../emit";
import { moved } from "../moved";
import { Popup } from "../popup";
import { comboboxStyles } from "./combobox.styles";

/** One value that can be chosen. */
export interface Option {
  value: string;
  label: string;
  /** Tells it from others of the same label. */
  detail?: string;
  /** How many events have it; unknown if absent. */
  count?: number;
  /** Heading that it stands under. */
  group?: string;
}

/**
 * A button that opens a list of values, of which several can be chosen by typing and clicking.
 *
 * The pattern is ARIA's editable combobox with a list that has several selections: the text field
 * keeps the focus, arrows move through the list, Enter chooses, Escape closes.
 *
 * @fires annals-choose - With all values chosen now.
 * @fires annals-search - With the text, whenever it changes; empty when the list opens.
 */
export class AnnalsCombobox extends LitElement {
  static override styles = [controls, popups, options, comboboxStyles];

  @property() label = "";
  @property({ attribute: false }) options: readonly Option[] = [];
  @property({ attribute: false }) selected: readonly string[] = [];
  @property({ attribute: false }) words!: Words;
  /** Whether a text that is no option can be chosen as it is. */
  @property({ type: Boolean }) free = false;

  @state() private text = "";
  @state() private active = -1;
  @query("input") private field!: HTMLInputElement;
  readonly #popup = new Popup(this);

  protected override updated(): void {
    this.renderRoot.querySelector("li.active")?.scrollIntoView({ block: "nearest" });
  }

  protected override render(): TemplateResult {
    const chosen = this.selected.length;
    return html`<button
        type="button"
        class="opener ${chosen > 0 ? "chosen" : ""}"
        aria-haspopup="dialog"
        aria-expanded=${this.#popup.isOpen}
        @click=${this.#toggle}
      >
        <span>${this.label}</span>
        ${chosen > 0 ? html`<span class="number">${this.words.number(chosen)}</span>` : nothing}
        ${icon("down")}
      </button>
      ${this.#popup.isOpen ? this.#list() : nothing}`;
  }

  #list(): TemplateResult {
    const found = this.#found();
    const active = this.#highlighted(found);
    const activeId = active >= 0 ? `option-${active}` : nothing;
    return html`<div class="popup" role="dialog" aria-label=${this.label} @keydown=${this.#keydown}>
      <input
        type="text"
        role="combobox"
        aria-label=${this.label}
        aria-expanded="true"
        aria-controls="options"
        aria-autocomplete="list"
        aria-activedescendant=${activeId}
        autocomplete="off"
        spellcheck="false"
        maxlength="256"
        placeholder=${this.words.say("type_to_search")}
        .value=${this.text}
        @input=${this.#typed}
      />
      <ul
        id="options"
        role="listbox"
        aria-label=${this.label}
        aria-multiselectable="true"
        tabindex="-1"
      >
        ${found.map((option, index) =>
          this.#option(option, index === active, index, found[index - 1]?.group),
        )}
      </ul>
      <p class="none quiet small" role="status" ?hidden=${found.length > 0}>
        ${found.length === 0 ? this.words.say("nothing_found") : nothing}
      </p>
    </div>`;
  }

  #option(option: Option, isActive: boolean, index: number, groupBefore?: string): TemplateResult {
    const isChosen = this.selected.includes(option.value);
    const startsGroup = option.group && option.group !== groupBefore;
    const classes = [
      isActive ? "active" : "",
      isChosen ? "chosen" : "",
      option.count === 0 ? "muted" : "",
    ];
    return html`${
        startsGroup ? html`<li class="group" role="presentation">${option.group}</li>` : nothing
      }
      <li
        id="option-${index}"
        role="option"
        class=${classes.join(" ")}
        aria-selected=${isChosen}
        title=${option.value}
        @click=${() => this.#choose(option)}
      >
        <span class="box" aria-hidden="true"></span>
        <span class="label"
          ><bdi
            >${highlight(option.label, this.text).map(({ text, isMatch }) =>
              isMatch ? html`<mark>${text}</mark>` : text,
            )}</bdi
          >
          ${option.detail ? html`<bdi class="detail">${option.detail}</bdi>` : nothing}</span
        >
        ${
          option.count === undefined
            ? nothing
            : html`<span class="count">${this.words.number(option.count)}</span>`
        }
      </li>`;
  }

  /** The options that match the text, and the text itself if it can be chosen. */
  #found(): Option[] {
    const text = this.text.trim();
    const matches = ({ label, detail, value }: Option) =>
      [label, detail ?? "", value].some((one) => highlight(one, text).some((part) => part.isMatch));
    const found = text ? this.options.filter(matches) : [...this.options];
    const isOption = found.some(({ value, label }) => value === text || label === text);
    if (!this.free || !text || isOption) return found;
    return [...found, { value: text, label: text, group: this.words.say("as_typed") }];
  }

  #toggle(): void {
    this.#popup.toggle();
    if (!this.#popup.isOpen) return;
    [this.text, this.active] = ["", -1];
    emit(this, "annals-search", { text: "" });
    void this.updateComplete.then(() => this.field.focus());
  }

  #typed(event: InputEvent): void {
    this.text = (event.target as HTMLInputElement).value;
    this.active = -1;
    emit(this, "annals-search", { text: this.text.trim() });
  }

  #keydown(event: KeyboardEvent): void {
    const found = this.#found();
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.isComposing) return;
    if (move) {
      event.preventDefault();
      this.active = moved(this.#highlighted(found), move, found.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      const option = found[this.#highlighted(found)];
      if (option) this.#choose(option);
      else this.#popup.close();
    } else if (event.key === "Tab") {
      this.#popup.close(false);
    }
  }

  /** What Enter takes: where arrows went, else what was typed exactly, else the first match. */
  #highlighted(found: readonly Option[]): number {
    const text = this.text.trim();
    if (this.active >= 0 || !text) return this.active;
    const exact = found.findIndex(({ value, label }) => value === text || label === text);
    return exact < 0 || found[exact]!.group === this.words.say("as_typed") ? 0 : exact;
  }

  #choose({ value }: Option): void {
    const isChosen = this.selected.includes(value);
    const others = this.selected.filter((one) => one !== value);
    emit(this, "annals-choose", { values: isChosen ? others : [...others, value] });
    this.text = "";
    this.active = -1;
    this.field.focus();
  }
}
