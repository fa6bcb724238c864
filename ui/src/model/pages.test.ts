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

async function look(pages: Pages, first: number, active = first) {
  pages.need(first, first + 49, active);
  await settle();
}

async function scrollTo(pages: Pages, row: number, active = 0) {
  for (let to = 0; to <= row; to += 50) await look(pages, to, active);
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
  expect(held.length).toBeLessThanOrEqual(21 * 100);
  expect(pages.at(1_000)).toBeUndefined();
  await look(pages, 1_000);
  expect(pages.at(1_007)?.seq).toBe(1_007);
});

test("the active row stays, and whoever scrolls far from it asks for each page once", async () => {
  const asked: string[] = [];
  const pages = await opened(asked);
  await scrollTo(pages, ROWS - 50, 7);
  expect(pages.at(7)?.seq).toBe(7);
  expect(asked).toEqual(Array.from({ length: ROWS / 100 }, (_, page) => String(100 * page)));
});

test("a page that fails waits for a retry and loses nothing", async () => {
  const asked: string[] = [];
  let isAway = false;
  const pages = await opened(asked, () => isAway);
  isAway = true;
  await look(pages, 50);
  await look(pages, 50);
  expect(asked).toEqual(["0", "100"]);
  expect(pages.refusal?.status).toBe(503);
  isAway = false;
  pages.retry();
  await look(pages, 50);
  expect(pages.at(100)?.seq).toBe(100);
});
