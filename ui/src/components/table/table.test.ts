import { expect, test, vi } from "vitest";
import "../../annals-log";
import { Pages } from "../../model/pages";
import { Query } from "../../model/query";
import { environment, expectAccessible, mount, PAGE, ROW, texts } from "../testing";
import type { Column } from "./cells";

async function shown(row: object) {
  const given = environment({ "/events": { ...PAGE, data: [{ ...ROW, ...row }] } });
  const { signal } = new AbortController();
  const pages = new Pages(given.client, new Query(), signal, () => {});
  await pages.open();
  const columns: Column[] = ["time", "action", "resource", "user"];
  const element = await mount("annals-table", { environment: given, pages, columns });
  element.style.blockSize = "20rem";
  await vi.waitFor(() => expect(texts(element, "tbody tr")).toHaveLength(1));
  return element;
}

const resource = (changed: object) => ({ resources: [{ ...ROW.resources[0], ...changed }] });

test("the cells of a rename", async () => {
  const element = await shown({});
  expect(texts(element, "td")).toEqual([
    "25 Oct 2026, 02:30:00 +01:00",
    "Segment renamed",
    "segment VIP → VIP EU",
    "Ana",
  ]);
  await expectAccessible(element);
});

test.each([
  [
    { changes: [], ...resource({ name: "VIP", current_name: "VIP EU" }) },
    "segment VIP now: VIP EU",
  ],
  [{ changes: [], ...resource({ deleted: true }) }, "segment VIP EU (deleted)"],
  [
    { changes: [], ...resource({ name: " ", id: "0123456789abc", current_name: " " }) },
    "segment segment 01234567…",
  ],
  [{ changes: [], ...resource({ matched_name: "Old" }) }, "segment VIP EU matched: Old"],
  [{ resources: [] }, "–"],
])("a resource's cell %#", async (row, expected) => {
  expect(texts(await shown(row), "td.resource")[0]).toBe(expected);
});

test.each([
  [{ clock: "ahead" }, "producer clock ahead"],
  [{ clock: "assigned" }, "time of recording"],
  [{ late_by_seconds: 7_200 }, "recorded 2 hrs later"],
])("a clock that is not to be trusted is marked %#", async (row, expected) => {
  expect(texts(await shown(row), "td.time")[0]).toContain(expected);
});
