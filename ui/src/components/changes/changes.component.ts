import { html, LitElement, nothing, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import type { Change } from "../../api/types";
import type { Words } from "../../messages/words";
import { isList, parts, valueText, type Part } from "../../model/changes";
import { controls } from "../../styles/controls";
import { icon } from "../../styles/icons";
import { emit } from "../emit";
import { changesStyles } from "./changes.styles";

/** Values longer than this are folded. */
const LONG_VALUE = 240;

/**
 * What an action changed: each field with what was before and what is after, lists element by
 * element, long values folded. The value before can be copied.
 *
 * @fires annals-copied - A value was copied.
 */
export class AnnalsChanges extends LitElement {
  static override styles = [controls, changesStyles];

  @property({ attribute: false }) changes: readonly Change[] = [];
  @property({ attribute: false }) words!: Words;

  protected override render(): TemplateResult {
    return html`<dl>${this.changes.map((change) => this.#field(change))}</dl>`;
  }

  #field(change: Change): TemplateResult {
    const shown = parts(change);
    return html`<dt>
        <bdi>${change.path}</bdi>
        ${change.before === undefined ? nothing : this.#copy(change)}
      </dt>
      <dd class=${isList(change) ? "list" : "values"}>
        ${
          shown.length === 0
            ? html`<span class="quiet">${this.words.say("not_recorded")}</span>`
            : shown.map((part) => this.#part(part))
        }
      </dd>`;
  }

  #part({ mark, text }: Part): TemplateResult {
    const sign = { before: "−", after: "+", same: "" }[mark];
    const spoken =
      mark === "same" ? nothing : html`<span class="unseen">${this.words.say(mark)}</span>`;
    const value = html`<bdi>${text === "" ? this.words.say("empty_text_value") : text}</bdi>`;
    const signed = html`<span class="sign" aria-hidden="true">${sign}</span>`;
    const content = html`${sign ? signed : nothing}${spoken}`;
    if (text.length <= LONG_VALUE) return html`<div class="part ${mark}">${content}${value}</div>`;
    return html`<details class="part ${mark}">
      <summary>${content}<bdi>${text.slice(0, LONG_VALUE)}…</bdi></summary>
      ${value}
    </details>`;
  }

  #copy(change: Change): TemplateResult {
    const label = this.words.say("copy_before", { field: change.path });
    const copy = async () => {
      const text = valueText(change.before);
      await navigator.clipboard.writeText(text);
      emit(this, "annals-copied", { text });
    };
    return html`<button
      type="button"
      class="icon"
      title=${label}
      aria-label=${label}
      @click=${copy}
    >
      ${icon("copy")}
    </button>`;
  }
}
