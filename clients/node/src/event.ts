/** An event put together step by step: who did what, on what. */

import { randomBytes } from "node:crypto";

import type { Plain } from "./canonical";
import { changesBetween, type Change } from "./changes";
import { plain } from "./plain";

export type ActorKind = "user" | "api_key" | "service" | "system" | "unknown";
export type Kind = "create" | "read" | "update" | "delete" | "other";
export type Outcome = "success" | "failure" | "denied" | "unknown";

/** Who acted, or for whom. */
export interface Principal {
  kind: ActorKind;
  id?: string;
  name?: string;
  email?: string;
}

/** Where an action came from. */
export interface Context {
  ip?: string;
  user_agent?: string;
  request_id?: string;
  trace_id?: string;
  service?: string;
  origin?: string;
}

/** The event JSON, as far as it is given. */
export interface EventMembers {
  event_id: string;
  occurred_at?: string;
  workspace_id: string;
  actor: Principal & { on_behalf_of?: Principal };
  action: string;
  kind?: Kind;
  outcome?: Outcome;
  resources?: { type: string; id: string; name?: string }[];
  context?: Context;
  changes?: Change[];
  description?: string;
  metadata?: { [name: string]: Plain };
  producer?: { id: string; number: number };
}

/** What of an event cannot be recorded. */
export class Fault extends Error {
  override name = "Fault";
}

type Known = Omit<Principal, "kind" | "id">;

/** A person. */
export const user = (id: string, known: Known = {}): Principal => ({ kind: "user", id, ...known });
/** A key acting for a program. */
export const apiKey = (id: string, known: Known = {}): Principal => ({
  kind: "api_key",
  id,
  ...known,
});
/** One of the product's own services. */
export const service = (id: string, known: Known = {}): Principal => ({
  kind: "service",
  id,
  ...known,
});
/** The product itself. */
export const system = (): Principal => ({ kind: "system" });

/**
 * Builds an event, with a fresh id (UUIDv7) and of an unknown actor.
 *
 * No step throws: what cannot be recorded is kept as a fault, which `Recorder.emit` counts as a
 * loss and tells of, and the test recorder throws.
 */
export class Event {
  /** What of it cannot be recorded. */
  readonly faults: string[] = [];
  readonly #event: EventMembers;

  constructor(workspace: string, action: string) {
    for (const [name, value] of Object.entries({ workspace, action })) {
      if (typeof value !== "string" || value === "") {
        this.faults.push(`${name}: a text that is not empty is needed`);
      }
    }
    const actor: Principal = { kind: "unknown" };
    this.#event = {
      event_id: uuid7(),
      workspace_id: String(workspace),
      actor,
      action: String(action),
    };
  }

  /** An id of one's own: of two events with the same id and content one is shown. */
  id(id: string): this {
    this.#event.event_id = String(id);
    return this;
  }

  /** When it happened; a text is RFC 3339. Otherwise it is the time when it is emitted. */
  at(at: Date | string): this {
    return this.#try("at", () => {
      this.#event.occurred_at = typeof at === "string" ? utc(at) : micros(at);
    });
  }

  /** Who did it. */
  by(principal: Principal): this {
    return this.#try("by", () => {
      const { on_behalf_of } = this.#event.actor;
      const actor = membersOf(principal);
      this.#event.actor = on_behalf_of === undefined ? actor : { ...actor, on_behalf_of };
    });
  }

  /** For whom it was done. */
  onBehalfOf(principal: Principal): this {
    return this.#try("onBehalfOf", () => {
      this.#event.actor = { ...this.#event.actor, on_behalf_of: membersOf(principal) };
    });
  }

  /** A resource it was done on; the first is the one that counts as changed. */
  on(type: string, id: string | number | bigint, name?: string | null): this {
    const resource = { type: String(type), id: String(id) };
    const named =
      name === undefined || name === null ? resource : { ...resource, name: String(name) };
    (this.#event.resources ??= []).push(named);
    return this;
  }

  /** What the action does, where its name does not tell. */
  kind(kind: Kind): this {
    this.#event.kind = kind;
    return this;
  }

  /** How it went. */
  outcome(outcome: Outcome): this {
    if (outcome !== "unknown") this.#event.outcome = outcome;
    return this;
  }

  /** Where it came from: request, trace, address. */
  context(context: Context): this {
    const given = Object.entries(context ?? {}).filter(
      ([, value]) => value !== undefined && value !== null,
    );
    for (const [name, value] of given) {
      (this.#event.context ??= {})[name as keyof Context] = String(value);
    }
    return this;
  }

  /** A sentence for people. */
  description(description: string): this {
    this.#event.description = String(description);
    return this;
  }

  /**
   * The fields in which two states of the resource differ, with their values. The states are what
   * `JSON.stringify` takes, bigints too; null is none.
   */
  changed(before: unknown, after: unknown): this {
    return this.#try("changed", () => {
      const changes = changesBetween(plain(before) ?? null, plain(after) ?? null);
      if (changes.length > 0) (this.#event.changes ??= []).push(...changes);
    });
  }

  /** Anything else, as an object. */
  metadata(metadata: object): this {
    return this.#try("metadata", () => {
      const value = plain(metadata);
      if (typeof value !== "object" || value === null || Array.isArray(value)) {
        throw new TypeError("it must be an object");
      }
      if (Object.keys(value).length > 0) this.#event.metadata = value;
    });
  }

  /** What was given, by the names of the event JSON. A copy as deep as it is changed. */
  members(): EventMembers {
    const members = { ...this.#event };
    if (members.changes) members.changes = members.changes.map((change) => ({ ...change }));
    if (members.context) members.context = { ...members.context };
    return members;
  }

  /** Whatever comes of the host's objects, the host must not feel it here. */
  #try(step: string, take: () => void): this {
    try {
      take();
    } catch (error) {
      this.faults.push(`${step}: ${error instanceof Error ? error.message : String(error)}`);
    }
    return this;
  }
}

function membersOf({ kind, id, name, email }: Principal): Principal {
  const given = Object.entries({ id, name, email });
  const known = given.filter(([, value]) => value !== undefined && value !== null);
  return { kind, ...Object.fromEntries(known.map(([key, value]) => [key, String(value)])) };
}

/** A fresh UUID of version 7 (RFC 9562 section 5.7): milliseconds, then random bits. */
export function uuid7(): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  randomBytes(10).copy(bytes, 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** A time in UTC, with the six digits that events carry. */
export function micros(at: Date): string {
  return at.toISOString().replace("Z", "000Z");
}

const RFC3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ]([01]\d|2[0-3]):(\d\d):(\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)$/;

/** The same of a text of RFC 3339. Digits beyond microseconds are cut. */
export function utc(text: string): string {
  const [, year, month, day, hour, minute, second, fraction = "", zone] = RFC3339.exec(text) ?? [];
  const days = new Date(Date.UTC(2000 + (Number(year) % 400), Number(month), 0)).getUTCDate();
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone?.toUpperCase()}`);
  if (Number.isNaN(at.getTime()) || Number(day) > days) {
    throw new RangeError("it is no RFC 3339 with a zone");
  }
  return at.toISOString().replace(".000Z", `.${fraction.slice(0, 6).padEnd(6, "0")}Z`);
}
