/** A recorder for tests: keeps what is emitted, and is asked for what must have been. */

import { deepStrictEqual } from "node:assert";

import type { Actions } from "./actions";
import { encode } from "./encoder";
import type { Event, EventMembers, Outcome } from "./event";

/** What an expected event is like, as far as it matters. */
export interface Expected {
  workspace?: string;
  actor?: string;
  resource?: { type: string; id: string };
  outcome?: Outcome;
}

/** Stands in for `Recorder` in a product's own tests. What `Recorder` would lose throws here. */
export class TestRecorder {
  /** The events as they would be sent. */
  readonly events: EventMembers[] = [];
  readonly lost = 0;
  #number = 0;

  constructor(readonly options: { service?: string; actions?: Actions } = {}) {}

  get delivered(): number {
    return this.events.length;
  }

  /** Keeps the event. Throws `Fault` for what cannot be recorded. */
  emit(event: Event): void {
    const stamp = { ...this.options, producerId: "test" };
    const { json } = encode(event, (this.#number += 1), stamp);
    this.events.push(JSON.parse(json) as EventMembers);
  }

  /** The first event of that action that is as told. Throws without one. */
  expectAudit(action: string, expected: Expected = {}): EventMembers {
    const found = this.events.find((event) => event.action === action && isAs(event, expected));
    if (found) return found;
    const told = this.events.map((event) => event.action).join(", ") || "nothing";
    throw new Error(`no such event of ${action}; recorded was: ${told}`);
  }

  /** Throws if there is an event of that action. */
  expectNoAudit(action: string): void {
    const found = this.events.filter((event) => event.action === action);
    deepStrictEqual(found, [], `${found.length} events of ${action}`);
  }

  /** Forgets what was emitted. */
  clear(): void {
    this.events.length = 0;
  }

  async flush(): Promise<boolean> {
    return true;
  }

  async close(): Promise<boolean> {
    return true;
  }
}

function isAs(event: EventMembers, { workspace, actor, resource, outcome }: Expected): boolean {
  const is = <T>(expected: T | undefined, actual: T | undefined) =>
    expected === undefined || expected === actual;
  const resources = event.resources ?? [];
  return (
    is(workspace, event.workspace_id) &&
    is(actor, event.actor.id) &&
    is(outcome, event.outcome ?? "unknown") &&
    (resource === undefined ||
      resources.some(({ type, id }) => type === resource.type && id === resource.id))
  );
}
