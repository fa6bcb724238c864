/** What somebody is called on the page. Never blank. */
import type { Actor, Principal } from "../api/types";
import type { Words } from "../messages/words";

/** As much of somebody as a name needs. */
export type Named = Partial<Pick<Principal, "kind" | "id" | "name" | "email" | "status">>;

/** The first characters of an id, enough to tell two apart. */
export const shortId = (id: string) => (id.length > 10 ? `${id.slice(0, 8)}…` : id);

const text = (value: unknown) => (typeof value === "string" ? value.trim() : "");

/** The kind in words. */
export const kindLabel = (kind: string | undefined, words: Words) =>
  words.has(`actor_${kind}`) ? words.say(`actor_${kind}`) : words.say("actor_unknown");

/** Name, else e-mail, else kind and id. */
export function actorName(actor: Named | undefined, words: Words): string {
  const label = kindLabel(actor?.kind, words);
  if (text(actor?.name)) return actor!.name!;
  if (text(actor?.email)) return actor!.email!;
  return text(actor?.id) ? `${label} ${shortId(actor!.id!)}` : label;
}

/** What tells somebody from others of the same name: e-mail, else id. */
export function actorDetail(actor: Named | undefined, words: Words): string {
  const detail = text(actor?.email) || text(actor?.id);
  return detail === actorName(actor, words) ? "" : detail;
}

/** Up to two letters for a picture of somebody. */
export function initials(name: string): string {
  const parts = name.trim().split(/\s+/u);
  const letters = parts.length > 1 ? [parts[0], parts.at(-1)] : [parts[0]];
  const firsts = letters.map((part) => /\p{L}|\p{N}/u.exec(part ?? "")?.[0] ?? "");
  return firsts.join("").toLocaleUpperCase() || "·";
}

/** Names that belong to more than one actor, remembered as rows are seen. */
export class SharedNames {
  readonly #owners = new Map<string, string>();
  readonly #shared = new Set<string>();

  learn(actor: Actor, words: Words): void {
    const name = actorName(actor, words);
    const owner = `${actor.kind} ${actor.id}`;
    if ((this.#owners.get(name) ?? owner) !== owner) this.#shared.add(name);
    this.#owners.set(name, owner);
  }

  has(name: string): boolean {
    return this.#shared.has(name);
  }

  get size(): number {
    return this.#shared.size;
  }
}
