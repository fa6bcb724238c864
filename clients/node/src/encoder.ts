/** From an event to what is sent: stamped, masked, within its limit of size. */

import type { Actions } from "./actions";
import { canonical, type Plain } from "./canonical";
import { Fault, micros, type Event, type EventMembers } from "./event";
import { currentTraceId } from "./trace";

/** What a gateway takes by default. */
const EVENT_BYTES_MAX = 64 * 1024;
/** In the order of the Avro schema: all clients write the same bytes. */
const ORDER = [
  "event_id",
  "occurred_at",
  "workspace_id",
  "actor",
  "action",
  "kind",
  "outcome",
  "resources",
  "context",
  "changes",
  "description",
  "metadata",
  "producer",
];
const PRINCIPAL = ["kind", "id", "name", "email", "on_behalf_of"];
const PARTS: Record<string, string[]> = {
  actor: PRINCIPAL,
  on_behalf_of: PRINCIPAL,
  resources: ["type", "id", "name"],
  context: ["ip", "user_agent", "request_id", "trace_id", "service", "origin"],
  changes: ["path", "before", "after"],
  producer: ["id", "number"],
};

/** What every event of a recorder gets. */
export interface Stamp {
  actions?: Actions | undefined;
  service?: string | undefined;
  /** The recorder, in `producer.id`. */
  producerId: string;
}

/** An event as it is sent. */
export interface Encoded {
  members: EventMembers;
  json: string;
  bytes: number;
}

/** Throws `Fault` for what cannot be recorded. */
export function encode(event: Event, number: number, stamp: Stamp): Encoded {
  if (event.faults.length > 0) throw new Fault(event.faults.join("; "));
  const members = event.members();
  members.occurred_at ??= micros(new Date());
  const traceId = members.context?.trace_id ?? currentTraceId();
  const service = members.context?.service ?? stamp.service;
  const found = { ...(service && { service }), ...(traceId && { trace_id: traceId }) };
  if (members.context || service || traceId) members.context = { ...members.context, ...found };
  members.producer = { id: stamp.producerId, number };
  stamp.actions?.mask(members);
  const json = wire(members);
  const bytes = Buffer.byteLength(json);
  if (bytes > EVENT_BYTES_MAX) {
    throw new Fault(`the event has ${bytes} bytes, the limit is ${EVENT_BYTES_MAX}`);
  }
  return { members, json, bytes };
}

/** The JSON of an event: members in the order of the schema, what is not given left out. */
export function wire(members: EventMembers): string {
  return object(members as unknown as Members, ORDER);
}

type Members = { [name: string]: Plain | undefined };

function object(members: Members, order: string[]): string {
  const there = order.filter((name) => members[name] !== undefined);
  return `{${there.map((name) => `"${name}":${member(name, members[name]!)}`).join(",")}}`;
}

function member(name: string, value: Plain): string {
  const order = PARTS[name];
  if (order === undefined) return canonical(value);
  if (Array.isArray(value))
    return `[${value.map((item) => object(item as Members, order)).join(",")}]`;
  return object(value as Members, order);
}
