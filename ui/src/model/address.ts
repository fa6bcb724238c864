import { Query } from "./query";

/** What lies open beside the table. */
export type Shown =
  | { what: "event"; id: string }
  | { what: "resource"; type: string; id: string }
  | { what: "actor"; id: string };

/** Which list is looked at. */
export type View = "events" | "resources";

/** All of the page's state that can be reloaded, shared and gone back to. */
export interface Place {
  query: Query;
  view: View;
  shown: Shown | null;
}

/**
 * The page's state in the query of the address.
 *
 * With a prefix, only parameters that begin with it are ours and all others stay as they are; so
 * the element can live on a page that has parameters of its own.
 */
export class Address {
  constructor(private readonly prefix: string) {}

  read(): Place {
    const ours = this.#parameters().filter(([name]) => name.startsWith(this.prefix));
    const named = ours.map(([name, value]): [string, string] => [
      name.slice(this.prefix.length),
      value,
    ]);
    const own = new Map(named.filter(([name]) => name === "show" || name === "view"));
    const filters = named.filter(([name]) => !own.has(name));
    const view = own.get("view") === "resources" ? "resources" : "events";
    return { query: new Query(filters), view, shown: parse(own.get("show")) };
  }

  /** Where a place is found. */
  link({ query, view, shown }: Place): string {
    const others = this.#parameters().filter(([name]) => !name.startsWith(this.prefix));
    const own: [string, string][] = [...query.pairs];
    if (view !== "events") own.push(["view", view]);
    if (shown) own.push(["show", print(shown)]);
    const prefixed = own.map(([name, value]) => [this.prefix + name, value]);
    const search = new URLSearchParams(prefixed.length ? [...others, ...prefixed] : others);
    return `${location.pathname}${search.size ? `?${search}` : ""}${location.hash}`;
  }

  write(place: Place, how: "push" | "replace"): void {
    const link = this.link(place);
    if (how === "replace") history.replaceState(history.state, "", link);
    else history.pushState(null, "", link);
  }

  #parameters(): [string, string][] {
    return [...new URLSearchParams(location.search)];
  }
}

function print(shown: Shown): string {
  const parts = shown.what === "resource" ? [encodeURIComponent(shown.type), shown.id] : [shown.id];
  return [shown.what, ...parts].join(":");
}

function parse(text = ""): Shown | null {
  const [what, ...rest] = text.split(":");
  const [type, ...id] = rest;
  if (what === "event" || what === "actor") return { what, id: rest.join(":") };
  if (what !== "resource" || !type) return null;
  try {
    return { what, type: decodeURIComponent(type), id: id.join(":") };
  } catch {
    return null;
  }
}
