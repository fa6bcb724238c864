import { expect, test } from "vitest";
import "../../annals-log";
import { environment, expectAccessible, mount, PAGE, texts } from "../testing";

test("somebody, what they did how often, and most recently", async () => {
  const action = [{ value: "segment.renamed", label: "Segment renamed", count: 1_234 }];
  const facets = { facets: { action, resource_type: [] } };
  const given = environment({ "/events": PAGE, "/facets": facets });
  const element = await mount("annals-actor", { environment: given, actorId: "u1" });
  expect(texts(element, "h2")).toEqual(["Ana ana@acme.test"]);
  expect(texts(element, "dd")).toEqual(["1,234"]);
  expect(texts(element, ".lines li")[0]).toContain("Segment renamed VIP EU");
  await expectAccessible(element);
});
