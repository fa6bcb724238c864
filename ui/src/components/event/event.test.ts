import { expect, onTestFinished, test, vi } from "vitest";
import "../../annals-log";
import { environment, expectAccessible, mount, ROW, texts } from "../testing";

const ANSWER = { ...ROW, leaf_hash: "ab12" };

test("everything about an event can be read, and its details to the microsecond", async () => {
  const answers = environment({ "/events/{event_id}": ANSWER });
  const element = await mount("annals-event", { environment: answers, eventId: ROW.event_id });
  const [text] = texts(element, ".content");
  for (const part of ["Segment renamed", "Ana", "VIP EU", "u1", "req-1", "ab12", ROW.event_id]) {
    expect(text).toContain(part);
  }
  expect(text).toContain("25 Oct 2026, 02:30:00.000123 +01:00");
  await expectAccessible(element);
});

test("an event without resource and person is no error", async () => {
  const actor = { kind: "unknown", id: null, name: null, email: null, status: "active" };
  const bare = { ...ANSWER, resources: [], changes: [], actor, occurred_at: null };
  const answers = environment({ "/events/{event_id}": bare });
  const element = await mount("annals-event", { environment: answers, eventId: ROW.event_id });
  expect(texts(element, ".content")[0]).toContain("Unknown user");
  expect(texts(element, ".content")[0]).toContain("The producer gave no time");
});

test("a patch that may remove more than it should says so once it is copied", async () => {
  const changes = [{ path: "owner", before: null, after: "u2" }];
  const undo = {
    patch: [{ op: "remove", path: "/owner" }],
    conflicts: [],
    uncertain: [`/${"long".repeat(50)}`, "/owner", "/size"],
  };
  const answers = environment({
    "/events/{event_id}": { ...ANSWER, changes },
    "/events/{event_id}/undo": undo,
  });
  const element = await mount("annals-event", { environment: answers, eventId: ROW.event_id });
  // What lies in the clipboard is for the suite of whole pages: here no page may have the focus.
  const write = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
  onTestFinished(() => write.mockRestore());
  expect(texts(element, ".warning")).toEqual([]);
  element.shadowRoot!.querySelector<HTMLButtonElement>("p.actions button")!.click();
  await expect
    .poll(() => texts(element, ".warning"))
    .toEqual([`unknown (before recording): ${undo.uncertain.join(", ")}`]);
  const { scrollWidth, clientWidth } = element.shadowRoot!.querySelector("p.warning")!;
  expect(scrollWidth, "nothing of it is cut off").toBeLessThanOrEqual(clientWidth);
  await expectAccessible(element);
});
