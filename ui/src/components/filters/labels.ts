import type { Environment } from "../../model/environment";

/** Filters whose values are words of ours rather than of the workspace. */
const WORDED: Record<string, string> = {
  kind: "kind",
  outcome: "outcome",
  actor_kind: "actor",
  name_match: "name_match",
  name_scope: "name_scope",
};

/** Names of values as they were seen, by filter and value: of people, and of resources. */
export type Names = ReadonlyMap<string, string>;

export const nameKey = (filter: string, value: string) => `${filter} ${value}`;

/** What a filter is called. */
export function filterLabel(name: string, { words }: Environment): string {
  return words.has(`filter_${name}`) ? words.say(`filter_${name}`) : name;
}

/** What a value of a filter is called. */
export function valueLabel(
  name: string,
  value: string,
  { words, zone }: Environment,
  names: Names = new Map(),
): string {
  if (name === "from" || name === "to") return `${zone.text(value)} ${zone.offset(value)}`;
  const word = `${WORDED[name]}_${value}`;
  if (name in WORDED && words.has(word)) return words.say(word);
  const owner = name === "on_behalf_of" || name === "creator" || name === "last_editor";
  return names.get(nameKey(owner ? "actor" : name, value)) ?? value;
}
