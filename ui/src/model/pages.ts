import type { Client } from "../api/client";
import { Refusal } from "../api/refusal";
import type { Row, Snapshot } from "../api/types";
import type { Query } from "./query";

/** Rows of a page. */
const PAGE_ROWS = 100;
/** Pages held at a time; others are fetched again by their cursors when they are scrolled to. */
const KEPT_PAGES = 20;

/** What is looked at: the rows in sight, and one elsewhere that has the keyboard's attention. */
export interface Sight {
  first: number;
  last: number;
  active: number;
}

interface Page {
  cursor: string | null;
  rows: Row[] | null;
}

/**
 * The rows of one query in one snapshot, newest first, as far as they were scrolled to.
 *
 * Holds a bounded number of them however far that is. Fails only while the first page is fetched;
 * later failures are kept in `refusal` until `retry`.
 */
export class Pages {
  snapshot: Snapshot | undefined;
  refusal: Refusal | null = null;
  length = 0;
  readonly #pages: Page[] = [];
  readonly #running = new Set<number>();
  #next: string | null = null;

  constructor(
    private readonly client: Client,
    private readonly query: Query,
    private readonly signal: AbortSignal,
    private readonly changed: (arrived: readonly Row[]) => void,
  ) {}

  /** Whether there are rows beyond those seen so far. */
  get hasMore(): boolean {
    return this.#next !== null;
  }

  at(index: number): Row | undefined {
    return this.#pages[pageOf(index)]?.rows?.[index % PAGE_ROWS];
  }

  /** Fetches the first page. */
  open(): Promise<readonly Row[]> {
    return this.#fetch(0);
  }

  /** Makes sure that what is looked at is there or on its way. */
  need({ first, last, active }: Sight): void {
    const from = pageOf(first);
    const kept = pageOf(active);
    const wanted = new Set([kept]);
    // One page ahead, so that nobody who scrolls at a reader's pace waits.
    for (let index = from; index <= pageOf(last) + 1; index += 1) wanted.add(index);
    for (const index of wanted) {
      const isKnown = index < this.#pages.length;
      const isNext = index === this.#pages.length && this.#next !== null;
      const isAbsent = isKnown ? this.#pages[index]?.rows === null : isNext;
      if (isAbsent && !this.refusal) void this.#fetchLater(index, { from, kept });
    }
  }

  retry(): void {
    this.refusal = null;
    this.changed([]);
  }

  async #fetchLater(index: number, around: { from: number; kept: number }): Promise<void> {
    if (this.#running.has(index)) return;
    this.#running.add(index);
    let arrived: readonly Row[] = [];
    try {
      arrived = await this.#fetch(index);
      this.#forget(around);
    } catch (error) {
      if (this.signal.aborted) return;
      this.refusal = error instanceof Refusal ? error : new Refusal(0);
    } finally {
      this.#running.delete(index);
    }
    this.changed(arrived);
  }

  async #fetch(index: number): Promise<readonly Row[]> {
    const cursor = index === 0 ? null : (this.#pages[index]?.cursor ?? this.#next);
    const paging = { limit: String(PAGE_ROWS), ...(cursor ? { cursor } : {}) };
    const answer = await this.client.get("/events", {
      query: this.query.parameters(paging),
      signal: this.signal,
    });
    this.snapshot ??= answer.snapshot;
    if (index === this.#pages.length) {
      this.#next = answer.page.next ?? null;
      this.length += answer.data.length;
    }
    this.#pages[index] = { cursor, rows: answer.data };
    return answer.data;
  }

  /** Keeps the page of the active row and those nearest to where somebody is looking. */
  #forget({ from, kept }: { from: number; kept: number }): void {
    const distance = (index: number) => (index === kept ? 0 : Math.abs(index - from));
    const held = this.#pages.flatMap(({ rows }, index) => (rows ? [index] : []));
    held.sort((a, b) => distance(a) - distance(b));
    for (const index of held.slice(KEPT_PAGES)) this.#pages[index]!.rows = null;
  }
}

const pageOf = (row: number) => Math.floor(row / PAGE_ROWS);
