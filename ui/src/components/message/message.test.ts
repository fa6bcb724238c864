import { expect, test } from "vitest";
import { Refusal } from "../../api/refusal";
import { Words } from "../../messages/words";
import type { Reason } from "./message.component";
import "./register";

async function said(reason: Reason): Promise<[string, string | undefined]> {
  const element = document.createElement("annals-message");
  Object.assign(element, { reason, filters: "User: Ana", words: new Words("en") });
  document.body.append(element);
  await element.updateComplete;
  const text = (selector: string) =>
    element.shadowRoot!.querySelector(selector)?.textContent?.trim();
  element.remove();
  return [text("h2")!, text("button")];
}

const cursor = { type: "https://annals.dev/problems/cursor-expired" };

test.each<[Reason, string, string | undefined]>([
  ["empty", "No actions recorded yet", undefined],
  ["no-match", "No actions match these filters", "Clear"],
  [new Refusal(401), "You do not have access", undefined],
  [new Refusal(403), "You do not have access", undefined],
  [new Refusal(404), "You do not have access", undefined],
  [new Refusal(400), "This filter cannot be used", "Clear"],
  [new Refusal(410, cursor), "This page is no longer there", "Retry"],
  [new Refusal(429), "Too many requests", "Retry"],
  [new Refusal(504), "This takes too long", "Retry"],
  [new Refusal(500), "Something went wrong", "Retry"],
  [new Refusal(0), "Something went wrong", "Retry"],
])("%s", async (reason, heading, button) => {
  expect(await said(reason)).toEqual([heading, button]);
});
