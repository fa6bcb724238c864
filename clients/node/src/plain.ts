/** Plain JSON values of the objects that programs have: copies that later changes do not reach. */

import type { Plain } from "./canonical";

/** Levels of `metadata`; an event may have 32, itself the first. */
const DEPTH_MAX = 31;

/**
 * A copy as `JSON.stringify` would write it, but with bigints. `undefined` is what it makes of
 * functions, symbols and undefined: nothing. Throws for what is nested too deep.
 */
export function plain(value: unknown, depthLeft = DEPTH_MAX, name = ""): Plain | undefined {
  if (hasToJson(value)) value = value.toJSON(name);
  switch (typeof value) {
    case "string":
    case "boolean":
    case "bigint":
      return value;
    case "number":
      return Number.isFinite(value) ? value : null;
    case "object":
      break;
    default:
      return undefined;
  }
  if (value === null) return null;
  if (value instanceof String || value instanceof Number || value instanceof Boolean) {
    return plain(value.valueOf(), depthLeft, name);
  }
  if (depthLeft === 0) throw new RangeError("a value is nested too deep for an event");
  if (Array.isArray(value)) {
    return value.map((item, index) => plain(item, depthLeft - 1, String(index)) ?? null);
  }
  // Without a prototype a member `__proto__` is one like any other.
  const copy: { [name: string]: Plain } = Object.create(null);
  for (const [key, item] of Object.entries(value)) {
    const member = plain(item, depthLeft - 1, key);
    if (member !== undefined) copy[key] = member;
  }
  return copy;
}

function hasToJson(value: unknown): value is { toJSON(name: string): unknown } {
  const method = (value as { toJSON?: unknown } | null | undefined)?.toJSON;
  return typeof value === "object" && typeof method === "function";
}
