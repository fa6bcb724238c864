import type { components, paths } from "./generated/schema";
import { Refusal, type Problem } from "./refusal";
import { Tokens, type GetToken } from "./tokens";

const TIMEOUT_MS = 20_000;

type Of<Path extends string> = `/v1/workspaces/{workspace}${Path}`;
type Json<Operations> = Operations extends {
  get: { responses: { 200: { content: { "application/json": infer Answer } } } };
}
  ? Answer
  : never;
/** What a path below the workspace can be read for. */
export type Readable = keyof paths extends infer Path
  ? Path extends Of<infer Rest> & keyof paths
    ? Json<paths[Path]> extends never
      ? never
      : Rest
    : never
  : never;
/** The answer of a path. */
export type Answer<Path extends Readable> = Json<paths[Of<Path> & keyof paths]>;

/** What is asked for beside the path itself. */
export interface Question {
  /** Values of the path's parameters. */
  at?: Record<string, string>;
  query?: URLSearchParams | Record<string, string>;
  signal?: AbortSignal;
  /** How much longer than usual the answer may take. */
  patienceMs?: number;
}

/**
 * The HTTP API of one workspace, typed by its OpenAPI document.
 *
 * Fails with a `Refusal` and nothing else, an `AbortError` of the caller's own signal excepted.
 */
export class Client {
  readonly #tokens: Tokens;

  constructor(
    readonly base: URL,
    readonly workspace: string,
    getToken: GetToken,
  ) {
    this.#tokens = new Tokens(getToken);
  }

  /** Reads a path below the workspace. */
  async get<Path extends Readable>(path: Path, question: Question = {}): Promise<Answer<Path>> {
    return (await this.#json("GET", path, question)) as Answer<Path>;
  }

  /** Has an export made ready; its address can be loaded once. */
  async export(query: URLSearchParams): Promise<components["schemas"]["ExportAnswer"]> {
    const answer = await this.#json("POST", "/exports", { query });
    return answer as components["schemas"]["ExportAnswer"];
  }

  /** Whether the installation is ready, and which partitions are not. */
  async readiness(): Promise<components["schemas"]["ReadinessAnswer"]> {
    const answer = await answered(new URL("readyz", this.base), { method: "GET" });
    return (await answer.json()) as components["schemas"]["ReadinessAnswer"];
  }

  /** The proof of an event, C2SP tlog-proof. */
  async proof(eventId: string): Promise<string> {
    const at = { event_id: eventId };
    return (await this.#ask("GET", this.#address("/events/{event_id}/proof", { at }), {})).text();
  }

  /** The log's public keys as vkey lines, as the server gives them. */
  async logKeys(): Promise<string> {
    return (await this.#ask("GET", new URL("v1/log/key", this.base), {})).text();
  }

  async #json(method: string, path: string, question: Question): Promise<unknown> {
    const response = await this.#ask(method, this.#address(path, question), question);
    const body: unknown = await response.json().catch(() => null);
    if (typeof body !== "object" || body === null) throw new Refusal(0);
    return body;
  }

  async #ask(method: string, address: URL, question: Question): Promise<Response> {
    let token = await this.#tokens.current();
    if (!this.workspace) throw new Refusal(401);
    let response = await this.#send(method, address, token, question);
    if (response.status === 401) {
      const renewed = await this.#tokens.renewed();
      if (renewed !== token) {
        token = renewed;
        response = await this.#send(method, address, token, question);
      }
    }
    if (response.ok) return response;
    const problem = (await response.json().catch(() => null)) as Problem | null;
    throw new Refusal(response.status, problem ?? {});
  }

  #address(path: string, { at = {}, query = {} }: Question): URL {
    const filled = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(at[name] ?? ""));
    const whole = `v1/workspaces/${encodeURIComponent(this.workspace)}${filled}`;
    const address = new URL(whole, this.base);
    address.search = new URLSearchParams(query).toString();
    return address;
  }

  #send(method: string, address: URL, token: string, question: Question): Promise<Response> {
    const { signal, patienceMs = 0 } = question;
    const limit = AbortSignal.timeout(TIMEOUT_MS + patienceMs);
    const headers = { authorization: `Bearer ${token}` };
    const request = { method, headers, credentials: "omit" as const };
    return answered(address, {
      ...request,
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
  }
}

async function answered(address: URL, request: RequestInit): Promise<Response> {
  try {
    return await fetch(address, request);
  } catch (error) {
    // The caller's own wish is no failure; a time-out of ours is one.
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Refusal(0);
  }
}
