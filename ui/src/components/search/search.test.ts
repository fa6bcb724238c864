import { expect, test, vi } from "vitest";
import "../../annals-log";
import { Query } from "../../model/query";
import { environment, expectAccessible, mount, texts } from "../testing";

const data = [
  { type: "segment", id: "s1", name: "VIP", current_name: "VIP EU" },
  { type: "model", id: "m1", name: "VIP model", current_name: "VIP model" },
];

test("the list follows the typing, and a resource of that name can be picked", async () => {
  const given = environment({ "/resource-names": { data } });
  const element = await mount("annals-search", { environment: given, query: new Query() });
  const asked: string[] = [];
  element.addEventListener("annals-query", ({ detail }) => asked.push(detail.query.toString()));
  const field = element.shadowRoot!.querySelector("input")!;
  field.focus();
  field.value = "vip";
  field.dispatchEvent(new InputEvent("input"));
  await vi.waitFor(() => expect(texts(element, "li")).toHaveLength(2));
  expect(asked).toEqual(["resource_name=vip"]);
  expect(texts(element, "li")[0]).toBe("segment VIP now: VIP EU");
  expect(texts(element, "li mark")).toEqual(["VIP", "VIP"]);
  await expectAccessible(element);
  for (const key of ["ArrowDown", "Enter"]) {
    field.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    await element.updateComplete;
  }
  expect(asked.at(-1)).toBe("resource_id=s1&resource_type=segment");
  expect(texts(element, "li")).toEqual([]);
});
