import { expect, test } from "vitest";
import "../../annals-log";
import { Query } from "../../model/query";
import { environment, expectAccessible, mount, ROW, texts } from "../testing";

async function shown(pairs: [string, string][]) {
  const given = { environment: environment(), query: new Query(pairs) };
  return mount("annals-filters", given);
}

test("what is chosen stands there in words, and can be removed alone", async () => {
  const element = await shown([
    ["actor", "u1"],
    ["kind", "delete"],
    ["include_access", "true"],
    ["from", "2026-10-25T01:30:00Z"],
    ["actr", "x"],
  ]);
  element.learn([ROW as never]);
  await element.updateComplete;
  expect(texts(element, ".chips li")).toEqual([
    "User: Ana",
    "actr: x",
    "From: 25 Oct 2026, 02:30:00 +01:00",
    "Show records of reading",
    "Change: Deleted",
  ]);
  expect(element.summary).toContain("User: Ana · actr: x");
  const left: string[] = [];
  element.addEventListener("annals-query", ({ detail }) => left.push(detail.query.toString()));
  element.shadowRoot!.querySelector<HTMLElement>(".chips li button")!.click();
  expect(left[0]).not.toContain("actor");
  expect(left[0]).toContain("actr=x");
  await expectAccessible(element);
});

test("a list of resources offers the filters that it has", async () => {
  const element = await shown([]);
  element.view = "resources";
  await element.updateComplete;
  const offered = [...element.shadowRoot!.querySelectorAll("annals-combobox")].map(({ id }) => id);
  expect(offered).toEqual(["resource_type"]);
});
