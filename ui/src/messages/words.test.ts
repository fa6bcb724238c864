import { expect, test } from "vitest";
import { en } from "./en";
import { fr } from "./fr";
import { addMessages, Words } from "./words";

test("French says all that English says, with the same names", () => {
  const names = (text: string | undefined) => (text?.match(/\{\w+\}/g) ?? []).sort();
  expect(Object.keys(fr)).toEqual(Object.keys(en));
  for (const key of Object.keys(en)) expect(names(fr[key]), key).toEqual(names(en[key]));
});

test("numbers choose their plural", () => {
  const words = new Words("en");
  expect(words.say("actions", { count: 1 })).toBe("1 action");
  expect(words.say("actions", { count: 1_234 })).toBe("1,234 actions");
  expect(words.say("actions_at_least", { count: 10_000 })).toBe("10,000+ actions");
});

test("a language that is added says what it says, and the rest in English", () => {
  addMessages("de", { clear_all: "Alle löschen" });
  const words = new Words("de-AT");
  expect([words.say("clear_all"), words.say("retry")]).toEqual(["Alle löschen", "Retry"]);
});
