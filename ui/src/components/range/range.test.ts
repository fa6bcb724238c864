import { expect, test } from "vitest";
import "../../annals-log";
import { Query } from "../../model/query";
import { environment, expectAccessible, mount, texts } from "../testing";

async function opened(pairs: [string, string][]) {
  const given = { environment: environment(), query: new Query(pairs) };
  const element = await mount("annals-range", given);
  const find = <Kind extends HTMLElement>(selector: string) =>
    element.shadowRoot!.querySelector<Kind>(selector)!;
  find(".opener").click();
  await element.updateComplete;
  return { element, find };
}

test("a range is shown as local times, and as days in the calendar", async () => {
  const { element, find } = await opened([
    ["from", "2026-10-24T22:00:00Z"],
    ["to", "2026-10-25T23:00:00Z"],
  ]);
  expect(find<HTMLInputElement>("#from").value).toBe("2026-10-25T00:00");
  expect(find("calendar-range").getAttribute("value")).toBe("2026-10-25/2026-10-25");
  await expectAccessible(element);
});

test("a range that ends before it begins says so", async () => {
  const { element } = await opened([
    ["from", "2026-10-25T00:00:00Z"],
    ["to", "2026-10-24T00:00:00Z"],
  ]);
  expect(texts(element, ".wrong")).toEqual(["“From” must be before “To”."]);
});
