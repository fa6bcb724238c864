import type { View } from "../../model/address";
import type { Query } from "../../model/query";

/** A standing view: filters that are chosen together, in place of others of their kind. */
interface StandingView {
  name: string;
  view: View;
  isChosen(query: Query): boolean;
  choose(query: Query): Query;
}

/** Filters that standing views choose. */
const CHOSEN = ["outcome", "kind", "edited_by_other"];
/** Filters that only a list of resources has. */
const OF_RESOURCES = ["creator", "last_editor", "edited_by_other"];
/** Filters that both lists have. */
const SHARED = ["resource_type", "resource_name", "from", "to"];

const without = (query: Query, names: string[]) =>
  names.reduce((rest, name) => rest.with(name, []), query);

function standing(name: string, view: View, chosen: Record<string, string[]> = {}): StandingView {
  const names = Object.entries(chosen);
  const expected = names.flatMap(([one, values]) => values.map((value) => `${one}=${value}`));
  return {
    name,
    view,
    // What the other list does not have is dropped where one can see it, not ignored.
    choose: (query) => {
      const kept =
        view === "events"
          ? without(query, [...CHOSEN, ...OF_RESOURCES])
          : without(query.only([...SHARED, ...OF_RESOURCES]), CHOSEN);
      return names.reduce((rest, [one, values]) => rest.with(one, values), kept);
    },
    isChosen: (query) => {
      const actual = query.only(CHOSEN).pairs.map(([one, value]) => `${one}=${value}`);
      return expected.join() === actual.join();
    },
  };
}

export const VIEWS: readonly StandingView[] = [
  standing("all", "events"),
  standing("failed", "events", { outcome: ["denied", "failure"] }),
  standing("deletions", "events", { kind: ["delete"] }),
  standing("resources", "resources"),
  standing("edited", "resources", { edited_by_other: ["true"] }),
];
