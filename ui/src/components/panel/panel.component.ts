import { html, LitElement, nothing, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import type { Shown } from "../../model/address";
import type { Environment } from "../../model/environment";
import { controls } from "../../styles/controls";
import { icon } from "../../styles/icons";
import { emit } from "../emit";
import { panelStyles } from "./panel.styles";

/**
 * What lies open beside the table: an event, a resource or a user, with a way to the neighbours of
 * an event and a way to close it.
 *
 * @fires annals-show - With null: it is to be closed.
 * @fires annals-step - `{by}` 1 or -1: the event after or before is to be opened.
 */
export class AnnalsPanel extends LitElement {
  static override styles = [controls, panelStyles];

  @property({ attribute: false }) environment!: Environment;
  @property({ attribute: false }) shown!: Shown;

  protected override render(): TemplateResult {
    const { words } = this.environment;
    const label = words.say(`panel_${this.shown.what}`);
    return html`<div class="head">
        <strong>${label}</strong>
        ${
          this.shown.what === "event"
            ? html`${this.#button("previous", "previous_event", () => this.#step(-1))}
              ${this.#button("next", "next_event", () => this.#step(1))}`
            : nothing
        }
        ${this.#button("close", "close", () => emit(this, "annals-show", { shown: null }))}
      </div>
      <div class="body" tabindex="0" role="region" aria-label=${label}>${this.#content()}</div>`;
  }

  #content(): TemplateResult {
    const { environment, shown } = this;
    switch (shown.what) {
      case "event":
        return html`<annals-event .environment=${environment} event-id=${shown.id}></annals-event>`;
      case "actor":
        return html`<annals-actor .environment=${environment} actor-id=${shown.id}></annals-actor>`;
      case "resource":
        return html`<annals-timeline
          .environment=${environment}
          type=${shown.type}
          resource-id=${shown.id}
        ></annals-timeline>`;
    }
  }

  #step(by: 1 | -1): void {
    emit(this, "annals-step", { by });
  }

  #button(picture: Parameters<typeof icon>[0], key: string, press: () => void): TemplateResult {
    const label = this.environment.words.say(key);
    return html`<button
      type="button"
      class="icon ${picture}"
      title=${label}
      aria-label=${label}
      @click=${press}
    >
      ${icon(picture)}
    </button>`;
  }
}
