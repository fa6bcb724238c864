/** The vectors that all clients share: what goes in at the builder, what comes out on the wire. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { Actions, Event, type EventMembers } from "../src";
import { REPOSITORY } from "./annalsUp";

export interface Vector {
  name: string;
  actions?: unknown;
  input: { [name: string]: any };
  json: string;
}

/** Integers that no number holds are bigints, as a program would have them. */
export function vectors(): Vector[] {
  const text = readFileSync(join(REPOSITORY, "schemas/vectors/events.json"), "utf8");
  const marked = text.replace(/^( *)(-?\d{16,})(,?)$/gm, '$1"bigint:$2"$3');
  const revive = (_: string, value: unknown) => {
    const found = typeof value === "string" ? /^bigint:(.*)$/.exec(value)?.[1] : undefined;
    return found === undefined ? value : BigInt(found);
  };
  return JSON.parse(marked, revive) as Vector[];
}

/** The members of a vector's event, made by the builder and masked. */
export function built({ input, actions }: Vector): EventMembers {
  const event = new Event(input["workspace"], input["action"]).id(input["event_id"]);
  for (const name of ["at", "outcome", "kind", "description", "metadata", "by"] as const) {
    if (name in input) event[name](input[name] as never);
  }
  if ("on_behalf_of" in input) event.onBehalfOf(input["on_behalf_of"]);
  for (const { type, id, name } of input["on"] ?? []) event.on(type, id, name);
  event.context(input["context"] ?? {});
  if ("before" in input) event.changed(input["before"], input["after"]);
  assert.deepEqual(event.faults, []);
  const members = event.members();
  if ("producer" in input) members.producer = input["producer"];
  new Actions(actions ?? {}).mask(members);
  return members;
}
