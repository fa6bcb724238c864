/** Where a field is: dotted (`filter.countries[0]`) or a JSON pointer (RFC 6901). */

const PLAIN = /^[^.[\]/]+$/;
const INDEX = /^\+?[0-9]+$/;

/** The names that a path is made of, the outermost first. */
export function partsOf(path: string): string[] {
  if (path.startsWith("/")) {
    const unescaped = (part: string) => part.replaceAll("~1", "/").replaceAll("~0", "~");
    return path.slice(1).split("/").map(unescaped);
  }
  if (path === "") return [];
  return path.split(".").flatMap((part) => {
    const bracket = part.indexOf("[");
    if (bracket < 0 || !part.endsWith("]")) return [part];
    const indexes = part
      .slice(bracket + 1)
      .replace(/\]+$/, "")
      .split("][");
    const unquoted = indexes.map((index) => index.replace(/^["']+|["']+$/g, ""));
    return bracket > 0 ? [part.slice(0, bracket), ...unquoted] : unquoted;
  });
}

/** Dotted if no name has a character that means something there, else a pointer; `/` of all. */
export function pathOf(parts: readonly string[]): string {
  if (parts.length > 0 && parts.every((part) => PLAIN.test(part))) return parts.join(".");
  const escaped = (part: string) => `/${part.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  return parts.map(escaped).join("") || "/";
}

/** The place in a list that a part of a path tells, if it tells one. */
export function indexOf(part: string): number | undefined {
  return INDEX.test(part) ? Number(part) : undefined;
}
