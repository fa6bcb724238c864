import { html, LitElement, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import type { Environment } from "../../model/environment";
import type { Query } from "../../model/query";
import { controls } from "../../styles/controls";
import { icon } from "../../styles/icons";
import { popups } from "../../styles/popups";
import { emit } from "../emit";
import { Popup } from "../popup";
import { moreStyles } from "./more.styles";

const CHOICES = {
  kind: ["create", "update", "delete", "read", "other"],
  outcome: ["success", "failure", "denied"],
} as const;
const TEXTS = ["on_behalf_of", "request_id", "trace_id"] as const;

/**
 * The filters that are not needed every day: what an action does, how it ended, on whose behalf,
 * in which request; and whether records of reading are shown.
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
    const names = [...Object.keys(CHOICES), ...TEXTS, "include_access"];
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
      ${(["kind", "outcome"] as const).map(
        (name) =>
          html`<fieldset>
            <legend>${words.say(`filter_${name}`)}</legend>
            <div class="boxes">
              ${CHOICES[name].map((value) => this.#box(name, value, words.say(`${name}_${value}`)))}
            </div>
          </fieldset>`,
      )}
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
