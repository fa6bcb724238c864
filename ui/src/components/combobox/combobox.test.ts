import { afterEach, beforeEach, expect, test } from "vitest";
import { Words } from "../../messages/words";
import { expectAccessible } from "../testing";
import type { AnnalsCombobox } from "./combobox.component";
import "./register";

const OPTIONS = [
  { value: "u1", label: "Ana", detail: "ana@acme.test", count: 3 },
  { value: "u2", label: "Zoë", detail: "zoe@acme.test", count: 0 },
];
let element: AnnalsCombobox;
let chosen: string[][];

beforeEach(async () => {
  element = document.createElement("annals-combobox");
  Object.assign(element, { label: "User", options: OPTIONS, words: new Words("en"), free: true });
  chosen = [];
  element.addEventListener("annals-choose", ({ detail }) => chosen.push(detail.values));
  document.body.append(element);
  await element.updateComplete;
  find("button").click();
  await element.updateComplete;
});
afterEach(() => element.remove());

const find = (selector: string) => element.shadowRoot!.querySelector<HTMLElement>(selector)!;
const labels = () =>
  [...element.shadowRoot!.querySelectorAll(".label")].map((one) => one.textContent?.trim());

async function type(text: string): Promise<void> {
  const field = find("input") as HTMLInputElement;
  field.value = text;
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  await element.updateComplete;
}
async function press(key: string): Promise<void> {
  find("input").dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, composed: true }));
  await element.updateComplete;
}

test("typing finds by label and detail, whatever accents and case", async () => {
  await type("ZOE");
  expect(labels()[0]).toMatch(/^Zoë/);
  await press("Enter");
  expect(chosen).toEqual([["u2"]]);
});

test("a text that is no option can be chosen as it is", async () => {
  await type("someone");
  await press("Enter");
  expect(chosen).toEqual([["someone"]]);
});

test("arrows move, Enter adds to what is chosen and takes away", async () => {
  element.selected = ["u1"];
  await press("ArrowDown");
  expect(find("input").getAttribute("aria-activedescendant")).toBe("option-0");
  await press("Enter");
  await press("ArrowUp");
  await press("Enter");
  expect(chosen).toEqual([[], ["u1", "u2"]]);
});

test("the open list can be used by everybody", async () => {
  await type("a");
  await expectAccessible(element);
});

test("Escape closes and gives the focus back", async () => {
  await press("Escape");
  expect(find(".popup")).toBeNull();
  expect(element.shadowRoot!.activeElement).toBe(find("button"));
});
