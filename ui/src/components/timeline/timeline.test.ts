import { expect, test } from "vitest";
import "../../annals-log";
import { environment, expectAccessible, mount, PAGE, ROW, SNAPSHOT, texts } from "../testing";

const by = { actor: ROW.actor, event_id: ROW.event_id, at: ROW.effective_at };
const ANSWERS = {
  "/resources/{type}/{id}": {
    type: "segment",
    id: "s1",
    name: "VIP EU",
    names: [{ name: "VIP" }, { name: "VIP EU" }],
    deleted: false,
    creator: null,
    last_editor: by,
    changes: 1,
  },
  "/resources/{type}/{id}/events": PAGE,
  "/resources/{type}/{id}/state": {
    exists: true,
    fields: { name: "VIP EU" },
    unknown: ["owner"],
    snapshot: SNAPSHOT,
  },
};

test("a resource tells its names, its makers, its fields and its events", async () => {
  const given = { environment: environment(ANSWERS), type: "segment", resourceId: "s1" };
  const element = await mount("annals-timeline", given);
  const [facts] = texts(element, "dl.facts");
  expect(facts).toContain("Created by unknown (before recording)");
  expect(facts).toContain("VIP → VIP EU");
  expect(texts(element, "tbody tr")).toEqual(["name VIP EU VIP EU"]);
  expect(texts(element, ".lines li")).toHaveLength(1);
  await expectAccessible(element);
});
