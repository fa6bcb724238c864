/**
 * The recorder: queues events and takes them to the gateway, in order, in the background.
 *
 * `emit` never waits for the network or for room, and never throws. What is lost is counted, shows
 * as a gap in the events' own numbers, and is told by an event `annals.events_lost`.
 */

import type { Actions } from "./actions";
import { encode, type Stamp } from "./encoder";
import { micros, uuid7, type Event } from "./event";
import { Gateway, type Answer, type Token } from "./gateway";
import { lossOf, telling } from "./losses";
import { Queue, type Queued } from "./queue";

export interface RecorderOptions {
  /** The gateway, without `/v1/…`. */
  url: string;
  /** An API key, or a function that gives a token. */
  token: Token;
  /** Goes into every event that names none. */
  service?: string;
  /** Which fields are secret. */
  actions?: Actions;
  /** Events that may wait. */
  queueEvents?: number;
  /** Bytes of events that may wait or be on their way. */
  queueBytes?: number;
  /** Events of one request. */
  batchEvents?: number;
  /** Losses are told at most this often. */
  tellEveryMs?: number;
  /** How long a request may take. */
  timeoutMs?: number;
  /** Hears what goes wrong, at most once a second. By default `process.emitWarning`. */
  onWarning?: (message: string) => void;
}

const CLOSE_MS = 5_000;
const BATCH_BYTES_MAX = 1 << 20; // well within what a gateway takes
const FIRST_PAUSE_MS = 50;
const PAUSE_MAX_MS = 5_000;
const WARN_EVERY_MS = 1_000;

/** Records events through a gateway. One a process is enough. */
export class Recorder {
  readonly #queue: Queue;
  readonly #gateway: Gateway;
  readonly #stamp: Stamp;
  readonly #batchEvents: number;
  readonly #onWarning: (message: string) => void;
  #number = 0;
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #interrupt = () => {};
  #pause = FIRST_PAUSE_MS;
  #warnedAt = -Infinity;

  constructor(options: RecorderOptions) {
    const { queueEvents = 10_000, queueBytes = 16 << 20, tellEveryMs = 1_000 } = options;
    this.#queue = new Queue({ queueEvents, queueBytes, tellEveryMs });
    this.#gateway = new Gateway(options.url, options.token, options.timeoutMs ?? 10_000);
    this.#stamp = { actions: options.actions, service: options.service, producerId: uuid7() };
    this.#batchEvents = Math.min(Math.max(options.batchEvents ?? 500, 1), 1_000);
    this.#onWarning = options.onWarning ?? ((message) => process.emitWarning(message, "Annals"));
    open.add(this);
  }

  /** Queues the event, stamped with a number, the time, the service and the trace id. */
  emit(event: Event): void {
    const number = (this.#number += 1);
    try {
      const { members, json, bytes } = encode(event, number, this.#stamp);
      const loss = lossOf(number, members.occurred_at!);
      this.#queue.offer({ workspace: members.workspace_id, json, bytes, loss, tells: false });
    } catch (error) {
      // Whatever it is, the host must not feel it.
      this.#refuse(event, number, error);
    }
    this.#wake();
  }

  /** Events lost so far: no room, refused for good, or not delivered when it was closed. */
  get lost(): number {
    return this.#queue.lost;
  }

  /** Events that the log has acknowledged. */
  get delivered(): number {
    return this.#queue.delivered;
  }

  /** Waits until all that was emitted before is on the log or lost; whether it is in time. */
  async flush(timeoutMs = CLOSE_MS): Promise<boolean> {
    return within(this.#queue.settled(), timeoutMs);
  }

  /**
   * Flushes, tells of losses, and ends; what is not delivered in time is lost. Await it when the
   * process is to stop; if nobody does, it happens when the event loop is empty.
   */
  async close(timeoutMs = CLOSE_MS): Promise<boolean> {
    open.delete(this);
    this.#queue.close();
    this.#wake();
    await within(this.#running ?? Promise.resolve(), timeoutMs);
    const isDone = this.#queue.isSettled;
    this.#queue.stop();
    this.#interrupt();
    this.#gateway.abort();
    clearTimeout(this.#timer);
    return isDone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #wake(): void {
    if (this.#running !== undefined || this.#queue.isStopped) return;
    clearTimeout(this.#timer);
    // What is emitted within one turn of the event loop goes together.
    const turn = new Promise<void>((next) => setImmediate(next));
    this.#running = turn
      .then(() => this.#run())
      // A rejection that nobody handles would end the host.
      .catch((error: unknown) => this.#warn(`sending failed: ${String(error)}`))
      .finally(() => (this.#running = undefined));
  }

  async #run(): Promise<void> {
    while (!this.#queue.isStopped) {
      const { batch, told } = this.#queue.take(this.#batchEvents, BATCH_BYTES_MAX);
      if (batch.length === 0 && told.size === 0) break;
      const telled = [...told].map(([workspace, loss]): Queued => {
        const json = telling(workspace, loss, this.#stamp.producerId);
        return { workspace, json, bytes: 0, loss, tells: true };
      });
      await this.#deliver([...telled, ...batch]);
    }
    const until = this.#queue.untilTelling();
    if (until === undefined || this.#queue.isStopped) return;
    this.#timer = setTimeout(() => this.#wake(), until).unref();
  }

  async #deliver(pending: Queued[]): Promise<void> {
    let atOnce = this.#batchEvents;
    while (pending.length > 0 && !this.#queue.isStopped) {
      const [now, later] = [pending.slice(0, atOnce), pending.slice(atOnce)];
      const answer = await this.#gateway.post(now.map(({ json }) => json));
      if (this.#queue.isStopped) return;
      if (answer.isTooMuch && now.length > 1) {
        atOnce = Math.floor(now.length / 2);
        continue;
      }
      const again = this.#settle(now, answer);
      pending = [...again, ...later];
      if (again.length < now.length) this.#pause = FIRST_PAUSE_MS;
      if (again.length > 0) await this.#backOff(answer);
    }
  }

  /** Answers what has to go again. */
  #settle(batch: Queued[], { fates, isTooMuch, detail }: Answer): Queued[] {
    const fateOf = (at: number) => (isTooMuch ? { refused: detail } : (fates?.[at] ?? "again"));
    this.#queue.settle(
      batch.filter((_, at) => fateOf(at) === "delivered"),
      "delivered",
    );
    const refused = batch.filter((_, at) => typeof fateOf(at) === "object");
    this.#queue.settle(refused, "refused");
    for (const [at] of batch.entries()) {
      const fate = fateOf(at);
      if (typeof fate === "object")
        this.#warn(`an event is refused for good: lost (${fate.refused})`);
    }
    return batch.filter((_, at) => fateOf(at) === "again");
  }

  async #backOff({ detail, retryAfterMs = 0 }: Answer): Promise<void> {
    if (this.#pause === FIRST_PAUSE_MS) {
      this.#warn(`the gateway does not take events: they wait (${detail})`);
    }
    // Between half and all of it, so that many clients do not come again at once.
    const pause = Math.max(this.#pause * (0.5 + Math.random() / 2), retryAfterMs);
    this.#pause = Math.min(2 * this.#pause, PAUSE_MAX_MS);
    await new Promise<void>((next) => {
      this.#interrupt = next;
      // A host that is done need not stay for this.
      setTimeout(next, pause).unref();
    });
  }

  #refuse(event: Event, number: number, error: unknown): void {
    this.#warn(`an emitted event is none: lost (${(error as Error | null)?.message})`);
    try {
      this.#queue.lose(event.members().workspace_id, lossOf(number, micros(new Date())));
    } catch {
      // Not even an event: nobody can be told of it.
      this.#queue.lost += 1;
    }
  }

  #warn(message: string): void {
    if (performance.now() < this.#warnedAt + WARN_EVERY_MS) return;
    this.#warnedAt = performance.now();
    try {
      this.#onWarning(message);
    } catch {
      // The host's own affair.
    }
  }
}

/** Whether it ends in time. Keeps the process alive so long. */
async function within(done: Promise<void>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((end) => {
    timer = setTimeout(() => end(false), timeoutMs);
  });
  const isDone = await Promise.race([done.then(() => true), late]);
  clearTimeout(timer);
  return isDone;
}

const open = new Set<Recorder>();
process.on("beforeExit", () => {
  for (const recorder of open) void recorder.close();
});
