/** `actions.json`, as far as a client needs it: which fields of which actions are secret. */

import { readFileSync } from "node:fs";

import type { Plain } from "./canonical";
import type { EventMembers } from "./event";
import { indexOf, partsOf } from "./paths";

/** What stands in the place of a secret. */
export const MASK = "••••";
const MEMBERS = ["aliases", "kind", "label", "secret"];

/** A text that is no `actions.json`. */
export class InvalidActions extends Error {
  override name = "InvalidActions";
}

/** Masks the values of fields that are secret under an event's action. */
export class Actions {
  readonly #secrets = new Map<string, string[][]>();

  /** Reads the text of an `actions.json`. */
  static parse(text: string): Actions {
    let entries: unknown;
    try {
      entries = JSON.parse(text);
    } catch (error) {
      throw new InvalidActions(`not an actions file: ${(error as Error).message}`);
    }
    return new Actions(entries);
  }

  /** Reads an `actions.json`. */
  static read(file: string): Actions {
    return Actions.parse(readFileSync(file, "utf8"));
  }

  constructor(entries: unknown) {
    if (!isObject(entries)) throw new InvalidActions("an actions file is an object of entries");
    const owners = new Map(Object.keys(entries).map((action) => [action, action]));
    for (const [action, entry] of Object.entries(entries)) {
      const { aliases, secret } = checked(action, entry);
      this.#secrets.set(action, secret.map(partsOf));
      for (const alias of aliases) {
        const other = owners.get(alias);
        if (other !== undefined) {
          const claim = `alias \`${alias}\` of action \`${action}\``;
          throw new InvalidActions(`${claim} already belongs to \`${other}\``);
        }
        owners.set(alias, action);
        this.#secrets.set(alias, secret.map(partsOf));
      }
    }
  }

  /** Replaces what is secret in the event's changes and metadata. Null stays. */
  mask(event: EventMembers): void {
    for (const secret of this.#secrets.get(event.action) ?? []) {
      for (const change of event.changes ?? []) {
        const left = below(change.path === "/" ? [] : partsOf(change.path), secret);
        if (left === undefined) continue;
        if (change.before !== undefined) change.before = masked(change.before, left);
        if (change.after !== undefined) change.after = masked(change.after, left);
      }
      if (event.metadata) event.metadata = masked(event.metadata, secret) as typeof event.metadata;
    }
  }
}

function checked(action: string, entry: unknown): { aliases: string[]; secret: string[] } {
  if (!isObject(entry) || Object.keys(entry).some((name) => !MEMBERS.includes(name))) {
    throw new InvalidActions(`action \`${action}\`: an entry has ${MEMBERS.join(", ")}`);
  }
  const { aliases = [], secret = [] } = entry;
  if (!areTexts(aliases) || !areTexts(secret)) {
    throw new InvalidActions(`action \`${action}\`: aliases and secret are lists of texts`);
  }
  if (secret.includes("")) {
    throw new InvalidActions(`action \`${action}\`: a secret has an empty path`);
  }
  return { aliases, secret };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function areTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

/**
 * What of a secret's path is left below a field's; undefined if they have nothing in common. A
 * field may be an item of a list of which the secret tells no index.
 */
function below(path: readonly string[], secret: string[]): string[] | undefined {
  let left = secret;
  for (const part of path) {
    if (left.length === 0) break;
    if (left[0] === part) left = left.slice(1);
    else if (indexOf(part) === undefined) return undefined;
  }
  return left;
}

function masked(value: Plain, path: string[]): Plain {
  const [name, ...rest] = path;
  if (value === null) return null;
  if (name === undefined) return MASK;
  if (Array.isArray(value)) {
    const at = indexOf(name);
    if (at === undefined) return value.map((item) => masked(item, path));
    return value.map((item, index) => (index === at ? masked(item, rest) : item));
  }
  if (typeof value !== "object" || !Object.hasOwn(value, name)) return value;
  const copy: { [name: string]: Plain } = Object.assign(Object.create(null), value);
  copy[name] = masked(value[name]!, rest);
  return copy;
}
