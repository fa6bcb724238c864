/** Who looks at which workspace: taken from the address once, then kept for this tab only. */
const KEYS = { token: "annals.token", workspace: "annals.workspace" };

/** Reads `#token=…&workspace=…`, takes it out of address and history, and remembers it. */
export function openSession(): { token: string; workspace: string } {
  const given = new URLSearchParams(location.hash.slice(1));
  if (given.has("token") || given.has("workspace")) {
    for (const [name, key] of Object.entries(KEYS)) {
      sessionStorage.setItem(key, given.get(name) ?? "");
    }
    history.replaceState(null, "", location.pathname + location.search);
  }
  const kept = (key: string) => sessionStorage.getItem(key) ?? "";
  return { token: kept(KEYS.token), workspace: kept(KEYS.workspace) };
}
