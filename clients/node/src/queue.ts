/** Events that wait, bounded in number and in bytes, and what became of those that no longer do. */

import { Losses, type Loss } from "./losses";

/** An event on its way. */
export interface Queued {
  workspace: string;
  json: string;
  bytes: number;
  loss: Loss;
  /** Whether it tells of losses: then it is none of the host's events. */
  tells: boolean;
}

export interface Bounds {
  queueEvents: number;
  queueBytes: number;
  tellEveryMs: number;
}

/** Nobody waits here but who flushes. */
export class Queue {
  lost = 0;
  delivered = 0;
  readonly losses = new Losses();
  #waiting: Queued[] = [];
  /** Of those that wait and those that are on their way. */
  #bytes = 0;
  #queued = 0;
  #settled = 0;
  #toldAt = -Infinity;
  #isClosed = false;
  #isStopped = false;
  #flushers: { target: number; done: () => void }[] = [];

  constructor(readonly bounds: Bounds) {}

  /** Queues an event; without room it is lost. */
  offer(queued: Queued): void {
    const { queueEvents, queueBytes } = this.bounds;
    const fits = this.#waiting.length < queueEvents && this.#bytes + queued.bytes <= queueBytes;
    if (this.#isClosed || !fits) return this.lose(queued.workspace, queued.loss);
    this.#waiting.push(queued);
    this.#bytes += queued.bytes;
    this.#queued += 1;
  }

  /** Counts an event that was never queued. */
  lose(workspace: string, loss: Loss): void {
    this.lost += loss.events;
    this.losses.add(workspace, loss);
  }

  /** The next events, and the losses to tell before them if it is time. */
  take(eventsMax: number, bytesMax: number): { batch: Queued[]; told: Map<string, Loss> } {
    const told = this.untilTelling() === 0 ? this.losses.take() : new Map<string, Loss>();
    if (told.size > 0) this.#toldAt = performance.now();
    let [count, bytes] = [0, 0];
    while (count < Math.min(eventsMax, this.#waiting.length)) {
      bytes += this.#waiting[count]!.bytes + 1;
      if (count > 0 && bytes > bytesMax) break;
      count += 1;
    }
    return { batch: this.#waiting.splice(0, count), told };
  }

  /** How many milliseconds until losses are to be told; undefined if there are none. */
  untilTelling(): number | undefined {
    if (!this.losses.areSome) return undefined;
    const due = this.#toldAt + this.bounds.tellEveryMs - performance.now();
    return this.#isClosed ? 0 : Math.max(0, due);
  }

  /** Says what became of events that were taken. */
  settle(batch: Queued[], fate: "delivered" | "refused"): void {
    if (this.#isStopped) return; // they are counted as lost already
    for (const queued of batch) {
      if (!queued.tells) {
        this.#settled += 1;
        this.#bytes -= queued.bytes;
        if (fate === "delivered") this.delivered += 1;
        else this.lose(queued.workspace, queued.loss);
      }
      // A log that does not take the telling either would be told without end.
    }
    this.#answer();
  }

  /** Ends once all that is queued now is settled. */
  settled(): Promise<void> {
    if (this.isSettled) return Promise.resolve();
    return new Promise((done) => this.#flushers.push({ target: this.#queued, done }));
  }

  /** Whether nothing waits and nothing is on its way. */
  get isSettled(): boolean {
    return this.#settled >= this.#queued;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Takes nothing any more. */
  close(): void {
    this.#isClosed = true;
  }

  /** Gives up: what is not settled is lost, whether it reached the log or not. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isClosed = this.#isStopped = true;
    this.lost += this.#queued - this.#settled;
    this.#settled = this.#queued;
    this.#waiting = [];
    this.#answer();
  }

  #answer(): void {
    const isDone = ({ target }: { target: number }) => this.#settled >= target;
    this.#flushers.filter(isDone).forEach(({ done }) => done());
    this.#flushers = this.#flushers.filter((flusher) => !isDone(flusher));
  }
}
