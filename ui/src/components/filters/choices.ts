import type { FacetValue, Principal } from "../../api/types";
import type { Environment } from "../../model/environment";
import { actorDetail, actorName, type Named } from "../../model/people";
import type { Query } from "../../model/query";
import type { Option } from "../combobox/combobox.component";

/** The filters that have a list of values. */
export type Dimension = "actor" | "resource_type" | "action";

const LIMIT = "100";

/** The values of a filter under all others, with their counts: it ignores itself. */
export async function facet(
  dimension: Dimension,
  query: Query,
  { client }: Environment,
  signal: AbortSignal,
): Promise<FacetValue[]> {
  const parameters = query.parameters({ by: dimension, limit: LIMIT });
  const answer = await client.get("/facets", { query: parameters, signal });
  return answer.facets[dimension] ?? [];
}

/** Types and actions as options; of actions the key tells those of one label apart. */
export function plainOptions(values: readonly FacetValue[]): Option[] {
  return values.flatMap(({ value, label, count }) => {
    if (!value) return [];
    const text = label || value;
    return [{ value, label: text, count, ...(text === value ? {} : { detail: value }) }];
  });
}

/**
 * People as options: those with events under the other filters first, then those without, then
 * others than people, then those who are gone.
 */
export function peopleOptions(
  values: readonly FacetValue[],
  known: readonly Principal[],
  text: string,
  { words }: Environment,
): Option[] {
  const people = new Map<string, Named>();
  const counts = new Map(values.map(({ value, count }) => [value, count]));
  if (!text)
    for (const { value, kind, label } of values) {
      if (value) people.set(value, { id: value, kind: kind ?? "unknown", name: label ?? null });
    }
  for (const one of known) if (one.id) people.set(one.id, one);
  const group = ({ kind, status }: Named) =>
    status === "former" ? "group_former" : kind === "user" ? "group_people" : "group_others";
  const order = ["group_people", "group_others", "group_former"];
  const isComplete = values.length < Number(LIMIT);
  const options = [...people.values()].map((one) => {
    const count = counts.get(one.id!) ?? (isComplete ? 0 : undefined);
    return {
      rank: order.indexOf(group(one)),
      option: {
        value: one.id!,
        label: actorName(one, words),
        detail: actorDetail(one, words),
        group: words.say(group(one)),
        ...(count === undefined ? {} : { count }),
      },
    };
  });
  options.sort((a, b) => a.rank - b.rank || (b.option.count ?? 0) - (a.option.count ?? 0));
  return options.map(({ option }) => option);
}
