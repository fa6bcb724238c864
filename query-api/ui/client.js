/** The list call. */

const TIMEOUT_MS = 20_000;

/** The server said no (status and problem details), or did not answer (status 0). */
export class Refusal extends Error {
  constructor(status, problem) {
    super(problem.title ?? `status ${status}`);
    this.status = status;
    this.problem = problem;
  }
}

/** One page of events; throws a `Refusal`. */
export async function fetchPage(session, parameters, signal) {
  if (!session.token || !session.workspace) throw new Refusal(401, {});
  const path = `../v1/workspaces/${encodeURIComponent(session.workspace)}/events`;
  const address = new URL(path, document.baseURI);
  address.search = parameters.toString();
  const response = await answer(address, session.token, signal);
  const body = await response.json().catch(() => null);
  if (!response.ok) throw new Refusal(response.status, body ?? {});
  if (!Array.isArray(body?.data)) throw new Refusal(0, {});
  return body;
}

async function answer(address, token, signal) {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  const headers = { accept: "application/json", authorization: `Bearer ${token}` };
  try {
    return await fetch(address, { headers, signal: limit, credentials: "omit" });
  } catch {
    throw new Refusal(0, {});
  }
}
