import type { Client } from "../api/client";
import { Refusal } from "../api/refusal";
import type { Snapshot } from "../api/types";
import type { Query } from "./query";

const WAIT_MS = 30_000;
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;
/** How far before the page's snapshot the feed begins: what was on its way then is not missed. */
const OVERLAP_MS = 60_000;

/**
 * Counts the events that match a query and arrived after a snapshot.
 *
 * Rows are not inserted: nothing may move under a reader. Waits while the page is not looked at,
 * goes on after failures with growing pauses, ends when access does.
 */
export class Live {
  constructor(
    private readonly client: Client,
    private readonly arrived: (count: number) => void,
    private readonly refused: (refusal: Refusal) => void,
  ) {}

  async follow(query: Query, snapshot: Snapshot, signal: AbortSignal): Promise<void> {
    const complete = snapshot.complete_through.time;
    const until = query.one("to");
    if (!complete || (until && Date.parse(until) < Date.parse(complete))) return;
    const from = new Date(Date.parse(complete) - OVERLAP_MS).toISOString();
    const isLater = query.one("from") && Date.parse(query.one("from")) > Date.parse(from);
    const asked = isLater ? query : query.with("from", [from]);
    let [after, count, pause] = ["0", 0, FIRST_PAUSE_MS];
    while (!signal.aborted) {
      await visible(signal);
      try {
        const answer = await this.client.get("/feed", {
          query: asked.parameters({ after, wait: `${WAIT_MS / 1000}s`, limit: "1000" }),
          patienceMs: WAIT_MS,
          signal,
        });
        after = answer.next;
        pause = FIRST_PAUSE_MS;
        count += answer.data.filter(({ seq }) => seq > snapshot.seq).length;
        if (count > 0 && !signal.aborted) this.arrived(count);
      } catch (error) {
        if (signal.aborted) return;
        const refusal = error instanceof Refusal ? error : new Refusal(0);
        if ([401, 403, 404].includes(refusal.status)) return this.refused(refusal);
        await new Promise((go) => setTimeout(go, pause));
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
    }
  }
}

/** Waits until the page is looked at. */
async function visible(signal: AbortSignal): Promise<void> {
  while (document.hidden && !signal.aborted) {
    await new Promise((go) =>
      document.addEventListener("visibilitychange", go, { once: true, signal }),
    );
  }
}
