/** Parameters that say which page, not which rows. */
const PAGING = new Set(["cursor", "limit", "count"]);
/** Parameters of which there is one value. */
const SINGLE = new Set([
  "resource_name",
  "name_scope",
  "name_match",
  "resource_id",
  "from",
  "to",
  "include_access",
  "edited_by_other",
]);

const AROUND_MS = 15 * 60_000;

/**
 * The filters of the list: names and values, as the server takes them.
 *
 * Never changed, only replaced. Sorted, so that the order of choosing does not matter. Names that
 * the page does not know are kept: the server refuses them, where ignoring a misspelt filter would
 * show more than was asked for.
 */
export class Query {
  readonly #pairs: [string, string][];

  constructor(pairs: Iterable<[string, string]> = []) {
    const given = [...pairs].filter(([name, value]) => value !== "" && !PAGING.has(name));
    const unique = new Map(given.map(([name, value]) => [`${name}=${value}`, [name, value]]));
    this.#pairs = ([...unique.values()] as [string, string][]).sort(
      ([a, x], [b, y]) => order(a, b) || order(x, y),
    );
  }

  get isEmpty(): boolean {
    return this.#pairs.length === 0;
  }

  get pairs(): readonly [string, string][] {
    return this.#pairs;
  }

  all(name: string): string[] {
    return this.#pairs.filter(([one]) => one === name).map(([, value]) => value);
  }

  one(name: string): string {
    return this.all(name)[0] ?? "";
  }

  /** With exactly these values of a filter. */
  with(name: string, values: readonly (string | null)[]): Query {
    const others = this.#pairs.filter(([one]) => one !== name);
    const given = values.filter((value): value is string => Boolean(value));
    return new Query([...others, ...given.map((value): [string, string] => [name, value])]);
  }

  /** With one value more, or, of a filter that has one value, with that one. */
  plus(name: string, value: string): Query {
    return this.with(name, SINGLE.has(name) ? [value] : [...this.all(name), value]);
  }

  minus(name: string, value: string): Query {
    return new Query(this.#pairs.filter(([one, other]) => one !== name || other !== value));
  }

  /** Only these filters. */
  only(names: readonly string[]): Query {
    return new Query(this.#pairs.filter(([name]) => names.includes(name)));
  }

  /** As the server takes it, with what else is asked for. */
  parameters(also: Record<string, string> = {}): URLSearchParams {
    return new URLSearchParams([...this.#pairs, ...Object.entries(also)]);
  }

  equals(other: Query): boolean {
    return this.toString() === other.toString();
  }

  toString(): string {
    return this.parameters().toString();
  }
}

/** What happened up to fifteen minutes before and after a moment. */
export function around(iso: string): Query {
  const [from, to] = [-AROUND_MS, AROUND_MS].map((by) => new Date(Date.parse(iso) + by));
  return new Query([
    ["from", from!.toISOString()],
    ["to", to!.toISOString()],
  ]);
}

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
