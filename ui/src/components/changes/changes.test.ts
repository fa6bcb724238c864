import { expect, test } from "vitest";
import { Words } from "../../messages/words";
import { expectAccessible } from "../testing";
import "./register";

test("each field shows what was before and what is after", async () => {
  const element = document.createElement("annals-changes");
  element.words = new Words("en");
  element.changes = [{ path: "note", before: "old", after: "new" }];
  document.body.append(element);
  await element.updateComplete;
  const parts = [...element.shadowRoot!.querySelectorAll(".part")];
  expect(parts.map((part) => part.className)).toEqual(["part before", "part after"]);
  await expectAccessible(element);
  element.remove();
});
