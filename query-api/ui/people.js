/** What an actor is called on the page. Never blank. */

const KIND_LABELS = {
  user: "User",
  api_key: "API key",
  service: "Service",
  system: "System",
  unknown: "Unknown user",
};

/** The first characters of an id, enough to tell two apart. */
export const shortId = (id) => (id.length > 10 ? `${id.slice(0, 8)}…` : id);

/** The kind in words. */
export const kindLabel = (kind) => KIND_LABELS[kind] ?? "Unknown user";

const text = (value) => (typeof value === "string" ? value.trim() : "");

/** Name, else e-mail, else kind and id. */
export function actorName(actor) {
  const label = kindLabel(actor?.kind);
  if (text(actor?.name)) return actor.name;
  if (text(actor?.email)) return actor.email;
  return text(actor?.id) ? `${label} ${shortId(actor.id)}` : label;
}

/** What tells this actor from others of the same name: e-mail, else id. */
export function actorDetail(actor) {
  const detail = text(actor?.email) || text(actor?.id);
  return detail === actorName(actor) ? "" : detail;
}

/** Names on this page that belong to more than one actor. */
export function sharedNames(rows) {
  const idsByName = new Map();
  for (const { actor } of rows) {
    const name = actorName(actor);
    const ids = idsByName.get(name) ?? new Set();
    idsByName.set(name, ids.add(`${actor?.kind} ${actor?.id}`));
  }
  return new Set([...idsByName].filter(([, ids]) => ids.size > 1).map(([name]) => name));
}
