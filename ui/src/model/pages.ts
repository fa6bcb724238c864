import type { Client } from "../api/client";
import { Refusal } from "../api/refusal";
import type { Row, Snapshot } from "../api/types";
import type { Query } from "./query";

/** Rows of a page. */
const PAGE_ROWS = 100;
/** Pages held at a time; others are fetched again by their cursors when they are scrolled to. */
const KEPT_PAGES = 20;

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
  /** The first page in sight. */
  #from = 0;
  /** That of the active row. */
  #kept = 0;

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

  /**
   * Makes sure that the rows in sight are there or on their way. The active one stays, wherever it
   * is: it has the keyboard's attention.
   */
  need(first: number, last: number, active: number): void {
    this.#from = pageOf(first);
    this.#kept = pageOf(active);
    // One page ahead, so that nobody who scrolls at a reader's pace waits.
    for (let index = this.#from; index <= pageOf(last) + 1; index += 1) {
      const page = this.#pages[index];
      const isNext = index === this.#pages.length && this.#next !== null;
      if (!this.refusal && (page ? !page.rows : isNext)) void this.#fetchLater(index);
    }
  }

  retry(): void {
    this.refusal = null;
    this.changed([]);
  }

  async #fetchLater(index: number): Promise<void> {
    if (this.#running.has(index)) return;
    this.#running.add(index);
    let arrived: readonly Row[] = [];
    try {
      arrived = await this.#fetch(index);
      this.#forget();
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
  #forget(): void {
    const distance = (index: number) => (index === this.#kept ? 0 : Math.abs(index - this.#from));
    const held = [...this.#pages.keys()].filter((index) => this.#pages[index]!.rows);
    held.sort((a, b) => distance(a) - distance(b));
    for (const index of held.slice(KEPT_PAGES)) this.#pages[index]!.rows = null;
  }
}

const pageOf = (row: number) => Math.floor(row / PAGE_ROWS);
