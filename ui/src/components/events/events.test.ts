import { expect, test, vi } from "vitest";
import "../../annals-log";
import { Refusal } from "../../api/refusal";
import { Query } from "../../model/query";
import { environment, expectAccessible, mount, PAGE, texts, type Answers } from "../testing";

const COLUMNS = ["time", "action", "resource", "user"] as const;

async function shown(answers: Answers, query = new Query()) {
  const given = { environment: environment(answers), query, columns: COLUMNS };
  const element = await mount("annals-events", given);
  await vi.waitFor(() =>
    expect(element.shadowRoot!.querySelector("[aria-busy=false]")).toBeTruthy(),
  );
  return element;
}
const heading = (element: Element) =>
  texts(element.shadowRoot!.querySelector("annals-message")!, "h2")[0];

test("rows, their number, and up to when they are complete", async () => {
  const answer = { ...PAGE, total: { value: 10_000, relation: "gte" } };
  const element = await shown({ "/events": answer });
  await vi.waitFor(() => expect(texts(element, ".count")).toEqual(["10,000+ actions"]));
  expect(texts(element, ".complete")[0]).toMatch(/^Complete through /);
  expect(element.shadowRoot!.querySelector(".banner")).toBeNull();
  await expectAccessible(element);
});

test("an empty workspace is something else than a filter without a hit", async () => {
  const nothing = { "/events": { ...PAGE, data: [] } };
  expect(heading(await shown(nothing))).toBe("No actions recorded yet");
  const query = new Query([["actor", "u1"]]);
  expect(heading(await shown(nothing, query))).toBe("No actions match these filters");
});

test("a refusal takes the place of rows", async () => {
  const refused = { "/events": Promise.reject(new Refusal(403)) };
  expect(heading(await shown(refused))).toBe("You do not have access");
});

test("what the retention has taken is said", async () => {
  const retained_from = "2026-01-01T00:00:00Z";
  const snapshot = { ...PAGE.snapshot, retained_from };
  const element = await shown({ "/events": { ...PAGE, snapshot } });
  expect(texts(element, ".banner")[0]).toMatch(/^The record begins 1 Jan 2026, 01:00:00/);
});
