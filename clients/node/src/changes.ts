/** In which fields two states differ. */

import { canonical, type Plain } from "./canonical";
import { pathOf } from "./paths";

/** A field that differs; of one that only one state has the other side is absent. */
export interface Change {
  path: string;
  before?: Plain;
  after?: Plain;
}

type Side = Plain | undefined;

/**
 * The fields in which two plain values differ, in the order of their names. Objects are gone into,
 * also where the other side has nothing there, unless they are empty; lists and plain values are
 * compared as a whole.
 */
export function changesBetween(before: Plain, after: Plain): Change[] {
  const changes: Change[] = [];
  collect([], before, after, changes);
  return changes;
}

function collect(path: string[], before: Side, after: Side, changes: Change[]): void {
  if (isObjectOrNothing(before) && isObjectOrNothing(after) && (before ?? after)) {
    const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
    if (names.size === 0 && !same(before, after)) add(path, before, after, changes);
    for (const name of [...names].sort(byCodePoints)) {
      collect([...path, name], before?.[name], after?.[name], changes);
    }
  } else if (!same(before, after)) {
    add(path, before, after, changes);
  }
}

/** A resource that was made or removed: each of its fields was. */
function isObjectOrNothing(side: Side): side is { [name: string]: Plain } | null | undefined {
  return side === undefined || (typeof side === "object" && !Array.isArray(side));
}

function same(before: Side, after: Side): boolean {
  if (before === undefined || after === undefined) return before === after;
  return canonical(before) === canonical(after);
}

function add(path: string[], before: Side, after: Side, changes: Change[]): void {
  const change: Change = { path: pathOf(path) };
  if (before !== undefined) change.before = before;
  if (after !== undefined) change.after = after;
  changes.push(change);
}

/** As UTF-8 sorts; `sort` alone would put U+1F600 before U+FB33. */
function byCodePoints(one: string, other: string): number {
  const [a, b] = [[...one], [...other]];
  for (let at = 0; at < a.length && at < b.length; at++) {
    const difference = a[at]!.codePointAt(0)! - b[at]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
