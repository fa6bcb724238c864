/** Pieces that the parts beside the table share. */
import { html, nothing, type TemplateResult } from "lit";
import type { Principal, Row } from "../api/types";
import type { Environment } from "../model/environment";
import { actorDetail, actorName, kindLabel } from "../model/people";
import { icon } from "../styles/icons";
import { emit } from "./emit";

/** A line of a description list; nothing without a value. */
export function fact(label: string, value: unknown): TemplateResult | typeof nothing {
  if (value === null || value === undefined || value === "") return nothing;
  return html`<dt>${label}</dt>
    <dd>${value}</dd>`;
}

/** Somebody with what tells them from others. */
export function person(actor: Principal, { words }: Environment): TemplateResult {
  const detail = actorDetail(actor, words);
  const kind = html` <span class="badge">${kindLabel(actor.kind, words)}</span>`;
  return html`<bdi>${actorName(actor, words)}</bdi>${
      detail ? html` <bdi class="quiet small">${detail}</bdi>` : nothing
    }${actor.kind === "user" ? nothing : kind}${
      actor.status === "former"
        ? html` <span class="quiet small">${words.say("deleted")}</span>`
        : nothing
    }`;
}

/** A moment as it is shown, with its exact form in the tooltip. */
export function moment(iso: string, { zone }: Environment): TemplateResult {
  return html`<time datetime=${iso} title=${iso}
    >${zone.text(iso)} <span class="quiet small">${zone.offset(iso)}</span></time
  >`;
}

/** A value in letters of one width, with a button that copies it. */
export function copyable(host: HTMLElement, value: string, { words }: Environment): TemplateResult {
  const label = words.say("copy");
  return html`<span class="copyable"
    ><code>${value}</code
    ><button
      type="button"
      class="icon"
      title=${label}
      aria-label=${label}
      @click=${() => copy(host, value)}
    >
      ${icon("copy")}
    </button></span
  >`;
}

/** Puts a text on the clipboard and says so. */
export async function copy(host: HTMLElement, text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
  emit(host, "annals-copied", { text });
}

/** One event in a list beside the table, with the name of what it concerned; a click opens it. */
export function eventLine(
  host: HTMLElement,
  row: Row,
  environment: Environment,
  name = "",
): TemplateResult {
  const open = () => emit(host, "annals-show", { shown: { what: "event", id: row.event_id } });
  return html`<button type="button" class="plain line" @click=${open}>
    <span class="dot ${row.kind}"></span>
    <span class="what"><bdi>${row.action_label || row.action}</bdi></span>
    <bdi class="quiet of">${name}</bdi>
    <span class="quiet small when">${moment(row.effective_at, environment)}</span>
  </button>`;
}
