/** What tests of components share: an environment with given answers, and axe. */
import axe from "axe-core";
import type { LitElement } from "lit";
import { expect, onTestFinished } from "vitest";
import type { Client } from "../api/client";
import { Words } from "../messages/words";
import type { Environment } from "../model/environment";
import { Zone } from "../model/zone";

/** Answers by path below the workspace; a path without one is never answered. */
export type Answers = Record<string, unknown>;

/** An environment in English and Paris whose client knows these answers. */
export function environment(answers: Answers = {}): Environment {
  const get = (path: string) =>
    path in answers ? Promise.resolve(answers[path]) : new Promise(() => {});
  const client = { get, readiness: () => get("/readyz") } as unknown as Client;
  return { client, words: new Words("en-GB"), zone: new Zone("Europe/Paris", "en-GB"), logKey: "" };
}

/** Puts an element on the page until the test is over, and waits until it stands still. */
export async function mount<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Partial<HTMLElementTagNameMap[Tag]>,
): Promise<HTMLElementTagNameMap[Tag] & LitElement> {
  const element = document.createElement(tag) as HTMLElementTagNameMap[Tag] & LitElement;
  Object.assign(element, properties);
  document.body.append(element);
  onTestFinished(() => element.remove());
  await new Promise((go) => setTimeout(go));
  await element.updateComplete;
  return element;
}

/** Texts of what matches inside an element, each on one line. */
export function texts(element: Element, selector: string): string[] {
  const found = [...element.shadowRoot!.querySelectorAll<HTMLElement>(selector)];
  return found.map((one) => (one.innerText || one.textContent || "").replace(/\s+/g, " ").trim());
}

/** Everybody can use the element, as far as axe can tell. */
export async function expectAccessible(element: Element): Promise<void> {
  // What concerns a whole page does not concern a part of one.
  const rules = { region: { enabled: false }, "page-has-heading-one": { enabled: false } };
  const { violations } = await axe.run(element, { rules });
  expect(violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)])).toEqual([]);
}

const ANA = { kind: "user", id: "u1", name: "Ana", email: "ana@acme.test", status: "active" };
export const BOB = { ...ANA, id: "u2", name: "Bob", email: "bob@acme.test" };

/** An event as the list gives it: Ana renames the segment VIP. */
export const ROW = {
  event_id: "01890a5d-ac96-774b-bcce-b302099a8057",
  seq: 7,
  occurred_at: "2026-10-25T01:30:00.000123Z",
  recorded_at: "2026-10-25T01:30:00.500000Z",
  effective_at: "2026-10-25T01:30:00.000123Z",
  clock: "producer",
  late_by_seconds: 0,
  action: "segment.renamed",
  action_label: "Segment renamed",
  kind: "update",
  outcome: "success",
  actor: { ...ANA, on_behalf_of: null },
  resources: [
    { type: "segment", id: "s1", name: "VIP EU", current_name: "VIP EU", deleted: false },
  ],
  context: { request_id: "req-1" },
  changes: [{ path: "name", before: "VIP", after: "VIP EU" }],
  description: null,
  metadata: {},
};

/** What an answer was read from. */
export const SNAPSHOT = { complete_through: { time: new Date().toISOString() }, seq: 7 };
/** A page of that event alone. */
export const PAGE = {
  data: [ROW],
  page: { next: null, prev: null, limit: 100 },
  snapshot: SNAPSHOT,
};
