/**
 * One spelling of every JSON value: RFC 8785, but integers of 64 bits stay exact.
 *
 * All clients write events this way, so that they can be compared byte for byte.
 */

/** A plain JSON value; a bigint is an integer that no number holds. */
export type Plain = null | boolean | number | bigint | string | Plain[] | { [name: string]: Plain };

const LEAST = -(2n ** 63n);
const MOST = 2n ** 64n - 1n;

/** The text of a plain value; members of objects are sorted by UTF-16 code units. */
export function canonical(value: Plain): string {
  if (typeof value === "bigint") {
    return value >= LEAST && value <= MOST ? value.toString() : canonical(Number(value));
  }
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${text(name)}:${canonical(value[name]!)}`).join(",")}}`;
}

/** A string literal, with U+FFFD for halves of surrogate pairs, which no UTF-8 can hold. */
export function text(value: string): string {
  return JSON.stringify(wellFormed(value));
}

const HALVES = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

function wellFormed(value: string): string {
  return value.replace(HALVES, "\uFFFD");
}
