import { expect, test } from "vitest";
import "../../annals-log";
import { environment, expectAccessible, mount, PAGE, texts } from "../testing";

const answers = (quarantined: number, visible: number, status: string) => ({
  "/accounting": { records: 10, visible, duplicate: 1, quarantined },
  "/quarantine": {
    data: [{ recorded_at: "2026-10-25T01:30:00Z", reason: "bad-json", detail: "<b>x</b>" }],
  },
  "/events": PAGE,
  "/readyz": { ready: true, partitions: [{ partition: 0, status }] },
});

test("a log that adds up says so", async () => {
  const given = environment(answers(0, 9, "live"));
  const element = await mount("annals-health", { environment: given });
  expect(element.shadowRoot!.querySelectorAll(".figure.bad")).toHaveLength(0);
  expect(texts(element, ".figure")[1]).toMatch(/10 adds up$/);
  await expectAccessible(element);
});

test("what is wrong is told in words: sum, quarantine, partitions that stand still", async () => {
  const given = environment(answers(3, 9, "halted"));
  const element = await mount("annals-health", { environment: given });
  expect(element.shadowRoot!.querySelectorAll(".figure.bad")).toHaveLength(3);
  expect(texts(element, ".figure")[1]).toMatch(/does not add up$/);
  expect(texts(element, "tbody td").at(-1)).toBe("<b>x</b>");
});
