import { html, LitElement, nothing, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { Refusal } from "../../api/refusal";
import type { Words } from "../../messages/words";
import { controls } from "../../styles/controls";
import { messageStyles } from "./message.styles";

/** What stands in place of rows. */
export type Reason = "empty" | "no-match" | Refusal;

interface Message {
  heading: string;
  text: string;
  /** What the button does, if there is one. */
  does?: "clear" | "retry";
}

/**
 * Says why there are no rows, and offers what can be done about it.
 *
 * @fires clear - Start again without filters.
 * @fires retry - Ask again.
 */
export class AnnalsMessage extends LitElement {
  static override styles = [controls, messageStyles];

  @property({ attribute: false }) reason: Reason = "empty";
  /** All filters in one line. */
  @property() filters = "";
  @property({ attribute: false }) words!: Words;

  protected override render(): TemplateResult {
    const { heading, text, does } = this.#message();
    const request = this.reason instanceof Refusal ? this.reason.problem.request_id : null;
    return html`<div class="message" role="status">
      <h2>${this.words.say(heading)}</h2>
      <p><bdi>${text}</bdi></p>
      ${
        does
          ? html`<button type="button" @click=${() => this.dispatchEvent(new Event(does))}>
              ${this.words.say(does)}
            </button>`
          : nothing
      }
      ${
        request
          ? html`<p class="small">${this.words.say("request_id")} <code>${request}</code></p>`
          : nothing
      }
    </div>`;
  }

  #message(): Message {
    const say = (key: string) => this.words.say(key);
    const { reason } = this;
    if (reason === "empty") return { heading: "empty", text: say("empty_text") };
    if (reason === "no-match") return { heading: "no_match", text: this.filters, does: "clear" };
    const { status } = reason;
    if (status === 401) return { heading: "no_access", text: say("signed_out_text") };
    if (status === 403 || status === 404) {
      return { heading: "no_access", text: say("no_access_text") };
    }
    if (reason.reason.startsWith("cursor-")) {
      return { heading: "page_gone", text: say("page_gone_text"), does: "retry" };
    }
    if (status === 400) {
      return {
        heading: "bad_filter",
        text: reason.details || say("bad_filter_text"),
        does: "clear",
      };
    }
    if (status === 429) return { heading: "too_many", text: say("too_many_text"), does: "retry" };
    if (status === 504) return { heading: "too_slow", text: say("too_slow_text"), does: "retry" };
    if (status === 0 && !navigator.onLine) {
      return { heading: "offline", text: say("offline_text"), does: "retry" };
    }
    return { heading: "failed", text: say("failed_text"), does: "retry" };
  }
}
