import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import type { ResourceActor, ResourceRow } from "../../api/types";
import { Query } from "../../model/query";
import { controls } from "../../styles/controls";
import { facts } from "../../styles/facts";
import { tokens } from "../../styles/tokens";
import { Asking } from "../asking";
import { emit } from "../emit";
import { moment, person } from "../facts";
import { PublicElement } from "../public-element";
import { resourcesStyles } from "./resources.styles";

const PAGE_ROWS = "100";

/**
 * `<annals-resources>`: who created each resource and who edited it last; those that somebody other
 * than their creator edited are marked.
 *
 * A view of `<annals-log>`, and may be used alone with its attributes.
 *
 * @attr resource-type - Only resources of this type.
 * @attr edited-by-other - Only those edited by somebody other than their creator.
 * @fires annals-open-resource - A resource was clicked; cancelable.
 * @fires annals-show - A resource's history is to be opened; alone, nothing opens by itself.
 * @csspart table - The table.
 */
export class AnnalsResources extends PublicElement {
  static override styles = [tokens, controls, facts, resourcesStyles];

  /** Only resources of this type. */
  @property({ attribute: "resource-type" }) resourceType = "";
  /** Only those edited by somebody other than their creator. */
  @property({ type: Boolean, attribute: "edited-by-other" }) editedByOther = false;
  /** Of the element around this one. */
  @property({ attribute: false }) query = new Query();

  @state() private rows: ResourceRow[] = [];
  @state() private next: string | null = null;

  readonly #asking = new Asking(this, async (signal) => {
    const page = await this.#page({}, signal);
    [this.rows, this.next] = [page.data, page.page.next ?? null];
  });

  /** Asks again. */
  reload(): void {
    void this.#asking.ask();
  }

  #page(also: Record<string, string>, signal?: AbortSignal) {
    let { query } = this;
    if (this.resourceType) query = query.plus("resource_type", this.resourceType);
    if (this.editedByOther) query = query.plus("edited_by_other", "true");
    const parameters = query.parameters({ limit: PAGE_ROWS, ...also });
    return this.environment.client.get("/resources", {
      query: parameters,
      ...(signal && { signal }),
    });
  }

  protected override updated(changed: PropertyValues): void {
    const asked = ["environment", "query", "resourceType", "editedByOther"];
    if (asked.some((name) => changed.has(name))) void this.#asking.ask();
  }

  protected override render(): TemplateResult {
    const { words } = this.environment;
    if (this.#asking.refusal) return this.#asking.failure(words);
    if (!this.#asking.isBusy && this.rows.length === 0) {
      return html`<div class="content">
        <p class="quiet" role="status">${words.say("no_resources")}</p>
      </div>`;
    }
    return html`<div
      class="scroller"
      aria-busy=${this.#asking.isBusy}
      tabindex="0"
      role="region"
      aria-label=${words.say("view_resources")}
    >
      <table part="table">
        <thead>
          <tr>
            ${["column_resource", "creator", "last_editor", "last_change", "change_count"].map(
              (key) => html`<th scope="col">${words.say(key)}</th>`,
            )}
          </tr>
        </thead>
        <tbody>
          ${this.rows.map((row) => this.#row(row))}
        </tbody>
      </table>
      ${
        this.next
          ? html`<p class="more">
              <button type="button" @click=${this.#more}>${words.say("show_more")}</button>
            </p>`
          : nothing
      }
    </div>`;
  }

  #row(row: ResourceRow): TemplateResult {
    const { words } = this.environment;
    const { type, id } = row;
    const [creator, editor] = [row.creator?.actor, row.last_editor?.actor];
    const isByOther =
      editor && creator && `${editor.kind} ${editor.id}` !== `${creator.kind} ${creator.id}`;
    const open = () => {
      if (!emit(this, "annals-open-resource", { type, id })) return;
      emit(this, "annals-show", { shown: { what: "resource", type, id } });
    };
    return html`<tr>
      <td>
        <span class="badge"><bdi>${type}</bdi></span>
        <button type="button" class="plain name" title=${id} @click=${open}>
          <bdi>${row.name || id}</bdi>
        </button>
        ${row.deleted ? html`<span class="quiet small">${words.say("deleted")}</span>` : nothing}
      </td>
      <td data-label=${words.say("creator")}>${this.#by(row.creator)}</td>
      <td data-label=${words.say("last_editor")}>
        ${this.#by(row.last_editor)}
        ${isByOther ? html`<span class="badge warning">${words.say("another")}</span>` : nothing}
      </td>
      <td data-label=${words.say("last_change")}>${moment(row.last_at, this.environment)}</td>
      <td data-label=${words.say("change_count")} class="number">${words.number(row.changes)}</td>
    </tr>`;
  }

  #by(by: ResourceActor | null | undefined): TemplateResult {
    const { words } = this.environment;
    if (!by) return html`<span class="quiet">${words.say("before_recording")}</span>`;
    const show = () => emit(this, "annals-show", { shown: { what: "event", id: by.event_id } });
    return html`<button type="button" class="plain" @click=${show}>
      ${person(by.actor, this.environment)}
    </button>`;
  }

  readonly #more = async (): Promise<void> => {
    const page = await this.#page({ cursor: this.next! });
    [this.rows, this.next] = [[...this.rows, ...page.data], page.page.next ?? null];
  };
}
