/** The HTTP gateway: one request a batch, and what its answer means for each event. */

/** An API key, or a function that gives a token. */
export type Token = string | (() => string | Promise<string>);

/** What became of an event: on the log, to go again, or refused for good. */
export type Fate = "delivered" | "again" | { refused: string };

/** What became of a batch. */
export interface Answer {
  /** Of each event, in order. Without it all go again. */
  fates?: Fate[];
  /** Whether the batch is refused as a whole, and may pass in parts. */
  isTooMuch?: boolean;
  /** Why events go again, or are refused. */
  detail: string;
  /** How long the server asks to be left alone. */
  retryAfterMs?: number;
}

const PATH = "/v1/events:batch";
/** A pause that a server asks for is kept up to this long. */
const RETRY_AFTER_MAX_MS = 60_000;
/** Batches that are refused whole: one event of it may be at fault, or its size. */
const TOO_MUCH = [400, 413, 422];

/** Sends batches, one at a time. */
export class Gateway {
  readonly #url: string;
  #current: AbortController | undefined;

  constructor(
    url: string,
    readonly token: Token,
    readonly timeoutMs: number,
  ) {
    this.#url = url.replace(/\/+$/, "") + PATH;
  }

  /** Sends events; never rejects. */
  async post(events: string[]): Promise<Answer> {
    const current = (this.#current = new AbortController());
    const timer = setTimeout(() => current.abort(new Error("no answer in time")), this.timeoutMs);
    try {
      const token = typeof this.token === "function" ? await this.token() : this.token;
      const answer = await fetch(this.#url, {
        method: "POST",
        headers: {
          authorization: `Bearer ${token}`,
          "content-type": "application/x-ndjson",
          "user-agent": "annals-client-node",
        },
        body: events.join("\n"),
        redirect: "manual", // it could carry the token elsewhere
        signal: current.signal,
      });
      return read(
        answer.status,
        answer.headers.get("retry-after"),
        await answer.text(),
        events.length,
      );
    } catch (error) {
      const { message, cause } = error as Error;
      return { detail: cause instanceof Error ? `${message}: ${cause.message}` : String(message) };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Gives the current request up. */
  abort(): void {
    this.#current?.abort(new Error("the recorder ended"));
  }
}

interface Item {
  status?: string;
  error?: { type?: string; detail?: string; errors?: { pointer?: string; detail?: string }[] };
}

/** What an answer means. */
export function read(
  status: number,
  retryAfter: string | null,
  body: string,
  events: number,
): Answer {
  if (status === 200 || status === 202) {
    const items = member(body, "items");
    if (!Array.isArray(items) || items.length !== events) {
      return { detail: `an answer that is not understood, status ${status}` };
    }
    return { fates: items.map(fateOf), detail: "the log did not acknowledge" };
  }
  const said = member(body, "detail") ?? member(body, "title");
  const detail = said === undefined ? `status ${status}` : `status ${status}: ${said}`;
  if (TOO_MUCH.includes(status)) return { isTooMuch: true, detail };
  const seconds = Number(retryAfter ?? 0);
  if (!(seconds > 0)) return { detail };
  return { detail, retryAfterMs: Math.min(seconds * 1_000, RETRY_AFTER_MAX_MS) };
}

function member(body: string, name: string): unknown {
  try {
    return (JSON.parse(body) as Record<string, unknown> | null)?.[name];
  } catch {
    return undefined;
  }
}

function fateOf(item: Item | null): Fate {
  const { status, error } = item ?? {};
  if (status === "accepted" || status === "duplicate") return "delivered";
  // The log did not acknowledge it this time: no fault of the event.
  if (error?.type === "log-unavailable") return "again";
  const faults = (error?.errors ?? []).map(({ pointer, detail }) => `${pointer} ${detail}`);
  const told = faults.join("; ") || error?.detail || "";
  return { refused: `${error?.type ?? "rejected"}: ${told}` };
}
