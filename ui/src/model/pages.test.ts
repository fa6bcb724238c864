import { expect, test, vi } from "vitest";
import type { Client } from "../api/client";
import { Refusal } from "../api/refusal";
import { Pages } from "./pages";
import { Query } from "./query";

const ROWS = 100 * 200;

/** A list of numbered rows; the cursor of a page is the number of its first row. */
function list(asked: string[], refuses = () => false) {
  const get = vi.fn(async (_: string, { query }: { query: URLSearchParams }) => {
    const first = Number(query.get("cursor") ?? 0);
    asked.push(String(first));
    if (refuses()) throw new Refusal(503);
    const count = Math.min(Number(query.get("limit")), ROWS - first);
    const data = Array.from({ length: count }, (_, index) => ({ seq: first + index }));
    const next = first + count < ROWS ? String(first + count) : null;
    return { data, page: { next }, snapshot: { seq: first } };
  });
  return { get } as unknown as Client;
}

const settle = () => new Promise((go) => setTimeout(go));

async function opened(asked: string[] = [], refuses?: () => boolean) {
  const { signal } = new AbortController();
  const pages = new Pages(list(asked, refuses), new Query(), signal, () => {});
  await pages.open();
  return pages;
}

async function scrollTo(pages: Pages, row: number) {
  for (let to = 0; to <= row; to += 100) {
    pages.need(to, to + 20);
    await settle();
  }
}

test("every row is there once it was scrolled to, in one snapshot", async () => {
  const asked: string[] = [];
  const pages = await opened(asked);
  await scrollTo(pages, 950);
  expect(pages.at(0)?.seq).toBe(0);
  expect(pages.at(942)?.seq).toBe(942);
  expect(pages.snapshot?.seq).toBe(0);
  expect(new Set(asked).size).toBe(asked.length);
});

test("a bounded number of rows is held however far one scrolls; others come again", async () => {
  const pages = await opened();
  await scrollTo(pages, ROWS);
  expect(pages.length).toBe(ROWS);
  expect(pages.hasMore).toBe(false);
  const held = Array.from({ length: ROWS }, (_, index) => pages.at(index)).filter(Boolean);
  expect(held.length).toBeLessThanOrEqual(61 * 100);
  expect(pages.at(0)).toBeUndefined();
  pages.need(0, 20);
  await settle();
  expect(pages.at(7)?.seq).toBe(7);
});

test("a page that fails waits for a retry and loses nothing", async () => {
  const asked: string[] = [];
  let isAway = false;
  const pages = await opened(asked, () => isAway);
  isAway = true;
  pages.need(50, 99);
  await settle();
  pages.need(50, 99);
  await settle();
  expect(asked).toEqual(["0", "100"]);
  expect(pages.refusal?.status).toBe(503);
  isAway = false;
  pages.retry();
  pages.need(50, 99);
  await settle();
  expect(pages.at(100)?.seq).toBe(100);
});
