/** What a change did to one field, ready to be shown. */
import type { Change } from "../api/types";

/** A part of a value: kept, taken away or put in. */
export interface Part {
  mark: "same" | "before" | "after";
  text: string;
}

/** Lists longer than this are shown whole, before and after, instead of element by element. */
const LONGEST_LIST = 200;

/** A value as text: strings as they are, everything else as JSON. */
export function valueText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value, null, 1) ?? "");
}

/** The parts of a change: of lists by element, of other values what was and what is. */
export function parts(change: Change): Part[] {
  const { before, after } = change;
  if (Array.isArray(before) && Array.isArray(after)) {
    if (Math.max(before.length, after.length) <= LONGEST_LIST) return elements(before, after);
  }
  const whole = (mark: Part["mark"], value: unknown): Part[] =>
    value === undefined ? [] : [{ mark, text: valueText(value) }];
  return [...whole("before", before), ...whole("after", after)];
}

/** Whether a change is one between two lists, shown by element. */
export const isList = ({ before, after }: Change) => Array.isArray(before) && Array.isArray(after);

/** The elements of both lists in order: the longest common subsequence is what stayed. */
function elements(before: unknown[], after: unknown[]): Part[] {
  const [a, b] = [before.map(valueText), after.map(valueText)];
  // common[i][j]: how many elements a[i..] and b[j..] have in common, in order.
  const common = a.map(() => new Array<number>(b.length + 1).fill(0));
  common.push(new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const skip = Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
      common[i]![j] = a[i] === b[j] ? common[i + 1]![j + 1]! + 1 : skip;
    }
  }
  const found: Part[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      found.push({ mark: "same", text: a[i]! });
      [i, j] = [i + 1, j + 1];
    } else if (j >= b.length || (i < a.length && common[i + 1]![j]! >= common[i]![j + 1]!)) {
      found.push({ mark: "before", text: a[i]! });
      i += 1;
    } else {
      found.push({ mark: "after", text: b[j]! });
      j += 1;
    }
  }
  return found;
}
