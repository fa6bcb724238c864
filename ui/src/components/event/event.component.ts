import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import type { Answer } from "../../api/client";
import type { Principal, Resource } from "../../api/types";
import { around } from "../../model/query";
import { facts } from "../../styles/facts";
import { controls } from "../../styles/controls";
import { icon } from "../../styles/icons";
import { tokens } from "../../styles/tokens";
import { Asking } from "../asking";
import { emit } from "../emit";
import { copy, copyable, fact, moment, person } from "../facts";
import { PublicElement } from "../public-element";

/**
 * `<annals-event>`: everything about one event: when, who, on what, what changed, where from.
 *
 * Stands beside `<annals-log>`'s table and may be used alone, with the attributes of
 * `<annals-log>` and `event-id`.
 *
 * @attr event-id - Which event.
 * @fires annals-narrow - All events of a request are asked for.
 * @fires annals-query - All events of the time around are asked for.
 * @fires annals-show - A resource's or a user's page is to be opened.
 * @fires annals-copied - A text was copied.
 */
export class AnnalsEvent extends PublicElement {
  static override styles = [tokens, controls, facts];

  /** Which event. */
  @property({ attribute: "event-id" }) eventId = "";
  @state() private event: Answer<"/events/{event_id}"> | null = null;
  @state() private undo: Answer<"/events/{event_id}/undo"> | null = null;
  readonly #asking = new Asking(this, async (signal) => {
    const at = { event_id: this.eventId };
    this.event = await this.environment.client.get("/events/{event_id}", { at, signal });
  });

  protected override updated(changed: PropertyValues): void {
    if (changed.has("eventId")) [this.event, this.undo] = [null, null];
    if (changed.has("eventId") || changed.has("environment")) void this.#asking.ask();
  }

  protected override render(): TemplateResult {
    const { words } = this.environment;
    if (this.#asking.refusal) return this.#asking.failure(words);
    const { event } = this;
    if (!event) return html`<div class="content" aria-busy="true"></div>`;
    const isBad = event.outcome === "failure" || event.outcome === "denied";
    const hasMetadata = Object.keys(event.metadata).length > 0;
    return html`<div class="content">
      <div>
        <div class="heading">
          <span class="dot ${event.kind}"></span>
          <h2><bdi>${event.action_label}</bdi></h2>
          ${
            isBad
              ? html`<span class="badge fault">${words.say(`outcome_${event.outcome}`)}</span>`
              : nothing
          }
        </div>
        <p class="quiet">${moment(event.effective_at, this.environment)}</p>
      </div>
      ${event.description ? html`<p><bdi>${event.description}</bdi></p>` : nothing}
      ${this.#actions()} ${event.changes.length > 0 ? this.#changes() : nothing}
      <section>
        <h3>${words.say("resources_of_event")}</h3>
        ${
          event.resources.length === 0
            ? html`<p class="quiet">–</p>`
            : event.resources.map((resource) => this.#resource(resource))
        }
      </section>
      <section>
        <h3>${words.say("column_user")}</h3>
        ${this.#person(event.actor)}
        ${
          event.actor.on_behalf_of
            ? html`<p class="quiet">${words.say("on_behalf_of")}</p>
                ${this.#person(event.actor.on_behalf_of)}`
            : nothing
        }
      </section>
      ${this.#details()}
      ${
        hasMetadata
          ? html`<section>
              <h3>${words.say("metadata")}</h3>
              <pre tabindex="0" aria-label=${words.say("metadata")}>
${JSON.stringify(event.metadata, null, 2)}</pre>
            </section>`
          : nothing
      }
    </div>`;
  }

  #actions(): TemplateResult {
    const { words } = this.environment;
    const query = around(this.event!.effective_at);
    const show = () => emit(this, "annals-query", { query, view: "events" });
    return html`<div class="actions">
      <button type="button" @click=${show}>${icon("around")}${words.say("around")}</button>
      <button type="button" @click=${() => copy(this, location.href)}>
        ${icon("link")}${words.say("copy_link")}
      </button>
      <button type="button" @click=${() => copy(this, JSON.stringify(this.event, null, 2))}>
        ${icon("copy")}${words.say("copy_json")}
      </button>
    </div>`;
  }

  #changes(): TemplateResult {
    const { words } = this.environment;
    const { undo } = this;
    return html`<section>
      <h3>${words.say("changes")}</h3>
      <annals-changes .changes=${this.event!.changes} .words=${words}></annals-changes>
      <p class="actions">
        <button type="button" class="link" @click=${this.#copyUndo}>
          ${words.say("copy_undo")}
        </button>
      </p>
      ${
        undo &&
        [
          undo.conflicts[0] && words.say("undo_conflicts", { count: undo.conflicts.length }),
          undo.uncertain[0] && `${words.say("before_recording")}: ${undo.uncertain.join(", ")}`,
        ].map((text) => text && html`<p class="badge warning" role="status">${text}</p>`)
      }
    </section>`;
  }

  /**
   * The patch goes to the clipboard; that it would run over later changes is said, and which
   * fields it removes though nobody recorded that they were not there.
   */
  readonly #copyUndo = async (): Promise<void> => {
    const at = { event_id: this.eventId };
    this.undo = await this.environment.client.get("/events/{event_id}/undo", { at });
    await copy(this, JSON.stringify(this.undo.patch, null, 2));
  };

  #resource(resource: Resource): TemplateResult {
    const { words } = this.environment;
    const { type, id, name, current_name: now } = resource;
    const open = () => emit(this, "annals-show", { shown: { what: "resource", type, id } });
    return html`<dl class="facts card">
      ${fact(
        words.say("name"),
        html`<bdi>${name || "–"}</bdi>${
            resource.deleted ? html` <span class="quiet">${words.say("deleted")}</span>` : nothing
          }`,
      )}
      ${now && now !== name ? fact(words.say("name_now"), html`<bdi>${now}</bdi>`) : nothing}
      ${fact(words.say("filter_resource_type"), html`<bdi>${type}</bdi>`)}
      ${fact(words.say("id"), copyable(this, id, this.environment))}
      <dt></dt>
      <dd><button type="button" class="link" @click=${open}>${words.say("history")}</button></dd>
    </dl>`;
  }

  #person(actor: Principal): TemplateResult {
    const { words } = this.environment;
    const { id } = actor;
    const open = () => emit(this, "annals-show", { shown: { what: "actor", id: id! } });
    return html`<dl class="facts">
      ${fact(words.say("name"), person(actor, this.environment))}
      ${id ? fact(words.say("id"), copyable(this, id, this.environment)) : nothing}
      ${
        id
          ? html`<dt></dt>
              <dd>
                <button type="button" class="link" @click=${open}>
                  ${words.say("their_actions")}
                </button>
              </dd>`
          : nothing
      }
    </dl>`;
  }

  #details(): TemplateResult {
    const { words, zone } = this.environment;
    const event = this.event!;
    const { context, position } = event;
    const occurred = event.occurred_at
      ? zone.exact(event.occurred_at)
      : words.say("clock_assigned_why");
    const ahead = html`<span class="badge warning">${words.say("clock_ahead")}</span>`;
    const foreign = (text: string | null | undefined) => (text ? html`<bdi>${text}</bdi>` : "");
    const code = (text: string | null | undefined) =>
      text ? copyable(this, text, this.environment) : "";
    const narrowed = (name: "request_id" | "trace_id") =>
      context[name]
        ? html`${code(context[name])}<button
              type="button"
              class="link"
              @click=${() => emit(this, "annals-narrow", { name, value: context[name]! })}
            >
              ${words.say("all_of_it")}
            </button>`
        : "";
    return html`<section>
      <h3>${words.say("details")}</h3>
      <dl class="facts">
        ${fact(words.say("occurred"), occurred)}
        ${fact(words.say("recorded"), zone.exact(event.recorded_at))}
        ${fact(words.say("in_utc"), code(event.effective_at))}
        ${event.clock === "ahead" ? fact("", ahead) : nothing}
        ${fact(words.say("filter_action"), code(event.action))}
        ${fact(words.say("filter_outcome"), words.say(`outcome_${event.outcome}`))}
        ${fact(words.say("column_service"), foreign(context.service))}
        ${fact(words.say("column_ip"), code(context.ip))}
        ${fact(words.say("user_agent"), foreign(context.user_agent))}
        ${fact(words.say("filter_request_id"), narrowed("request_id"))}
        ${fact(words.say("filter_trace_id"), narrowed("trace_id"))}
        ${fact(words.say("event_id"), code(event.event_id))}
        ${fact(words.say("sequence"), words.number(event.seq))}
        ${fact(words.say("position"), position && `${position.partition} : ${position.offset}`)}
        ${fact(words.say("leaf_hash"), code(event.leaf_hash))}
      </dl>
      ${
        // Whoever is told the place in the log may ask for proofs too; nobody else is offered one.
        position
          ? html`<annals-proof .environment=${this.environment} .event=${event}></annals-proof>`
          : nothing
      }
    </section>`;
  }
}
