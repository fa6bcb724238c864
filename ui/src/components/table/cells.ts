/** What stands in each cell of a row. Names are text nodes, isolated in their direction. */
import { html, nothing, type TemplateResult } from "lit";
import type { Actor, Resource, Row } from "../../api/types";
import type { Words } from "../../messages/words";
import type { Environment } from "../../model/environment";
import { highlight } from "../../model/highlight";
import { actorDetail, actorName, initials, kindLabel, shortId } from "../../model/people";
import type { SharedNames } from "../../model/people";
import { duration } from "../../model/zone";
import { icon } from "../../styles/icons";

/** Columns by the names that the attribute `columns` uses. */
export const COLUMNS = ["time", "action", "resource", "user", "ip", "service"] as const;
export type Column = (typeof COLUMNS)[number];

/** What cells need beside their row. */
export interface Scene {
  environment: Environment;
  shared: SharedNames;
  /** The search for a resource's name, to be marked. */
  search: string;
  /** Address of a resource at the host, with `{type}` and `{id}`; empty if it has none. */
  resourceUrl: string;
  /** 0 in the row that has the keyboard's attention. */
  tabIndex: number;
  narrow(name: string, value: string): void;
  openResource(event: Event, resource: Resource): void;
}

type Cell = TemplateResult | typeof nothing;

const foreign = (text: string) => html`<bdi>${text}</bdi>`;
const deleted = (words: Words) => html`<span class="hint whole">${words.say("deleted")}</span>`;
const hint = (text: unknown, title = "") => html`<span class="hint" title=${title}>${text}</span>`;

export function cell(column: Column, row: Row, scene: Scene): Cell {
  switch (column) {
    case "time":
      return timeCell(row, scene.environment);
    case "action":
      return actionCell(row, scene.environment);
    case "resource":
      return resourceCell(row, scene);
    case "user":
      return userCell(row, scene);
    default:
      return html`<span class="quiet">${foreign(row.context[column] ?? "–")}</span>`;
  }
}

function timeCell(row: Row, { zone, words }: Environment): Cell {
  const at = row.effective_at;
  const badge = (text: string, title: string, kind = "") =>
    html`<span class="badge ${kind}" title=${title}>${text}</span>`;
  return html`<time datetime=${at} title=${at}
      >${zone.text(at)} <span class="offset">${zone.offset(at)}</span></time
    >${
      row.clock === "ahead"
        ? badge(
            words.say("clock_ahead"),
            words.say("clock_ahead_why", { time: row.occurred_at ?? "" }),
            "warning",
          )
        : nothing
    }${
      row.clock === "assigned"
        ? badge(words.say("clock_assigned"), words.say("clock_assigned_why"))
        : nothing
    }${row.late_by_seconds > 0 ? late(row, words) : nothing}`;
}

/** In words where there is room, as a clock where there is none; read out in words always. */
function late(row: Row, words: Words): TemplateResult {
  const length = { duration: duration(row.late_by_seconds, words.locale) };
  const text = words.say("late", length);
  const why = words.say("late_why", { time: row.recorded_at });
  return html`<span class="badge late" title="${text}&#10;${why}"
    >${icon("around")}<span>${text}</span></span
  >`;
}

function actionCell(row: Row, { words }: Environment): Cell {
  const isBad = row.outcome === "failure" || row.outcome === "denied";
  const label = row.action_label || row.action;
  return html`<span class="dot ${row.kind}" title=${words.say(`kind_${row.kind}`)}></span
    ><span class="action" title=${row.action}>${foreign(label)}</span>${
      isBad
        ? html`<span class="badge ${row.outcome === "denied" ? "warning" : "fault"}"
            >${words.say(`outcome_${row.outcome}`)}</span
          >`
        : nothing
    }`;
}

function resourceCell(row: Row, scene: Scene): Cell {
  const [first, ...others] = row.resources;
  if (!first) return html`<span class="quiet">–</span>`;
  const { words } = scene.environment;
  const nameThen = renameOf(row)?.after ?? first.name;
  const isNamedOtherwise = first.current_name && first.current_name !== nameThen;
  const matched = row.resources.find((one) => one.matched_name && one.matched_name !== one.name);
  const list = others.map((one) => `${one.type}: ${one.name || one.id}`).join("\n");
  return html`<button
      type="button"
      class="badge type"
      tabindex=${scene.tabIndex}
      title=${words.say("only_type", { type: first.type })}
      @click=${() => scene.narrow("resource_type", first.type)}
    >
      ${foreign(first.type)}</button
    >${resourceName(row, first, scene)}${
      first.deleted
        ? deleted(words)
        : isNamedOtherwise
          ? hint(html`${words.say("now")} ${foreign(first.current_name!)}`, first.current_name!)
          : nothing
    }${
      matched
        ? hint(
            html`${words.say("matched")} ${foreign(matched.matched_name!)}`,
            matched.matched_name!,
          )
        : nothing
    }${
      others.length > 0 ? html`<span class="more" title=${list}>+${others.length}</span>` : nothing
    }`;
}

function resourceName(row: Row, resource: Resource, scene: Scene): TemplateResult {
  const renamed = renameOf(row);
  const marked = (text: string) =>
    html`<bdi
      >${highlight(text, scene.search).map(({ text, isMatch }) =>
        isMatch ? html`<mark>${text}</mark>` : text,
      )}</bdi
    >`;
  const shown = resource.name?.trim() ? resource.name : `${resource.type} ${shortId(resource.id)}`;
  const both = () => html`${marked(renamed!.before)} → ${marked(renamed!.after)}`;
  const name = renamed ? both() : marked(shown);
  const title = `${renamed ? `${renamed.before} → ${renamed.after}` : shown}\n${resource.id}`;
  const open = (event: Event) => scene.openResource(event, resource);
  const address = resourceAddress(scene.resourceUrl, resource);
  return address
    ? html`<a
        class="plain name"
        tabindex=${scene.tabIndex}
        href=${address}
        title=${title}
        @click=${open}
        >${name}</a
      >`
    : html`<button
        type="button"
        class="plain name"
        tabindex=${scene.tabIndex}
        title=${title}
        @click=${open}
      >
        ${name}
      </button>`;
}

/** Where the host shows a resource; only http and https, whatever the template says. */
export function resourceAddress(
  template: string,
  { type, id }: Pick<Resource, "type" | "id">,
): string {
  if (!template) return "";
  const filled = template
    .replaceAll("{type}", encodeURIComponent(type))
    .replaceAll("{id}", encodeURIComponent(id));
  const address = new URL(filled, document.baseURI);
  return /^https?:$/.test(address.protocol) ? address.href : "";
}

/** The change of the first resource's name, if this action was one. */
function renameOf(row: Row): { before: string; after: string } | null {
  const { before, after } = row.changes.find(({ path }) => path === "name") ?? {};
  const isRename = typeof before === "string" && typeof after === "string" && before && after;
  return isRename && before !== after ? { before, after } : null;
}

function userCell({ actor }: Row, scene: Scene): Cell {
  const { shared, narrow } = scene;
  const { words } = scene.environment;
  const name = actorName(actor, words);
  const detail = actorDetail(actor, words);
  const isKindSaid = actor.kind === "user" || name.startsWith(kindLabel(actor.kind, words));
  return html`${picture(actor, name)}${
    actor.id
      ? html`<button
          type="button"
          class="plain person"
          tabindex=${scene.tabIndex}
          title=${detail || actor.id}
          @click=${() => narrow("actor", actor.id!)}
        >
          ${foreign(name)}
        </button>`
      : html`<span class="person">${foreign(name)}</span>`
  }${shared.has(name) && detail ? hint(foreign(detail), detail) : nothing}${
    actor.on_behalf_of
      ? hint(html`(${words.say("on_behalf_of")} ${foreign(actorName(actor.on_behalf_of, words))})`)
      : nothing
  }${actor.status === "former" ? deleted(words) : nothing}${
    isKindSaid ? nothing : html`<span class="badge">${kindLabel(actor.kind, words)}</span>`
  }`;
}

/** Initials on a colour that belongs to the id. Decoration only. */
function picture(actor: Actor, name: string): TemplateResult {
  const number = [...(actor.id ?? "")].reduce(
    (sum, one) => (sum * 31 + one.codePointAt(0)!) % 6,
    0,
  );
  const look = actor.kind === "user" ? `person-${number}` : "machine";
  return html`<span
    class="picture ${look}"
    data-letters=${initials(name)}
    aria-hidden="true"
  ></span>`;
}
