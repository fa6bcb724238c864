import { html, LitElement, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import type { Environment } from "../../model/environment";
import type { Query } from "../../model/query";
import { controls } from "../../styles/controls";
import { icon } from "../../styles/icons";
import { popups } from "../../styles/popups";
import { emit } from "../emit";
import { valueLabel } from "../filters/labels";
import { Popup } from "../popup";
import { moreStyles } from "./more.styles";

const CHOICES = {
  kind: ["create", "update", "delete", "read", "other"],
  outcome: ["success", "failure", "denied"],
  actor_kind: ["user", "api_key", "service", "system", "unknown"],
} as const;
/** How the name is searched for; the first is what holds unless another is chosen. */
const NAME_CHOICES = {
  name_match: ["contains", "prefix", "exact"],
  name_scope: ["ever", "event"],
} as const;
const TEXTS = ["on_behalf_of", "request_id", "trace_id"] as const;

/**
 * The filters that are not needed every day: what an action does, how it ended, who did it and on
 * whose behalf, in which request; how names are searched for; and whether records of reading are
 * shown.
 *
 * @fires annals-query - Other filters were chosen.
 */
export class AnnalsMore extends LitElement {
  static override styles = [controls, popups, moreStyles];

  @property({ attribute: false }) environment!: Environment;
  @property({ attribute: false }) query!: Query;
  readonly #popup = new Popup(this);

  protected override render(): TemplateResult {
    const { words } = this.environment;
    const choices = [...Object.keys(CHOICES), ...Object.keys(NAME_CHOICES)];
    const names = [...choices, ...TEXTS, "include_access"];
    const isSet = !this.query.only(names).isEmpty;
    return html`<button
        type="button"
        class="opener ${isSet ? "chosen" : ""}"
        aria-haspopup="dialog"
        aria-expanded=${this.#popup.isOpen}
        @click=${this.#popup.toggle}
      >
        ${words.say("more_filters")}${icon("down")}
      </button>
      ${this.#popup.isOpen ? this.#content() : ""}`;
  }

  #content(): TemplateResult {
    const { words } = this.environment;
    const access = this.query.one("include_access") === "true";
    return html`<div class="popup" role="dialog" aria-label=${words.say("more_filters")}>
      ${(["kind", "outcome", "actor_kind"] as const).map(
        (name) =>
          html`<fieldset>
            <legend>${words.say(`filter_${name}`)}</legend>
            <div class="boxes">
              ${CHOICES[name].map((value) =>
                this.#box(name, value, valueLabel(name, value, this.environment)),
              )}
            </div>
          </fieldset>`,
      )}
      ${(["name_match", "name_scope"] as const).map((name) => this.#choice(name))}
      ${TEXTS.map((name) => this.#text(name))}
      <label class="box">
        <input
          type="checkbox"
          .checked=${access}
          @change=${() => this.#set("include_access", access ? [] : ["true"])}
        />${words.say("filter_include_access")}</label
      >
    </div>`;
  }

  #box(name: string, value: string, label: string): TemplateResult {
    const isChosen = this.query.all(name).includes(value);
    const toggle = () =>
      emit(this, "annals-query", {
        query: isChosen ? this.query.minus(name, value) : this.query.plus(name, value),
      });
    return html`<label class="box"
      ><input type="checkbox" .checked=${isChosen} @change=${toggle} />${label}</label
    >`;
  }

  #choice(name: keyof typeof NAME_CHOICES): TemplateResult {
    const [usual] = NAME_CHOICES[name];
    const chosen = this.query.one(name) || usual;
    const take = (event: Event) => {
      const { value } = event.target as HTMLSelectElement;
      this.#set(name, value === usual ? [] : [value]);
    };
    return html`<div class="text">
      <label for=${name}>${this.environment.words.say(`filter_${name}`)}</label>
      <select id=${name} @change=${take}>
        ${NAME_CHOICES[name].map(
          (value) =>
            html`<option value=${value} ?selected=${value === chosen}>
              ${valueLabel(name, value, this.environment)}
            </option>`,
        )}
      </select>
    </div>`;
  }

  #text(name: string): TemplateResult {
    const take = (event: Event) => {
      const field = event.target as HTMLInputElement;
      const value = field.value.trim();
      field.value = "";
      if (value) emit(this, "annals-query", { query: this.query.plus(name, value) });
    };
    return html`<div class="text">
      <label for=${name}>${this.environment.words.say(`filter_${name}`)}</label>
      <input id=${name} type="text" maxlength="256" spellcheck="false" @change=${take} />
    </div>`;
  }

  #set(name: string, values: string[]): void {
    emit(this, "annals-query", { query: this.query.with(name, values) });
  }
}
