import { expect, test } from "vitest";
import "../../annals-log";
import type { Shown } from "../../model/address";
import { environment, expectAccessible, mount } from "../testing";

test.each<[Shown, string, number]>([
  [{ what: "event", id: "1" }, "annals-event", 3],
  [{ what: "actor", id: "u1" }, "annals-actor", 1],
  [{ what: "resource", type: "a", id: "b" }, "annals-timeline", 1],
])("%o", async (shown, content, buttons) => {
  const element = await mount("annals-panel", { environment: environment(), shown });
  expect(element.shadowRoot!.querySelector(content)).not.toBeNull();
  expect(element.shadowRoot!.querySelectorAll("button")).toHaveLength(buttons);
  const closed: unknown[] = [];
  element.addEventListener("annals-show", ({ detail }) => closed.push(detail.shown));
  element.shadowRoot!.querySelector<HTMLElement>("button.close")!.click();
  expect(closed).toEqual([null]);
  await expectAccessible(element);
});
