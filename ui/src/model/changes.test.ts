import { expect, test } from "vitest";
import { parts } from "./changes";

const marked = (before: unknown, after: unknown) =>
  parts({ path: "x", before, after }).map(({ mark, text }) => `${mark} ${text}`);

test("of lists every element is kept, taken away or put in", () => {
  expect(marked(["FR", "IT"], ["FR", "DE"])).toEqual(["same FR", "before IT", "after DE"]);
  expect(marked([1, 2, 3], [2, 3, 4])).toEqual(["before 1", "same 2", "same 3", "after 4"]);
  expect(marked([], [{ a: 1 }])).toEqual(['after {\n "a": 1\n}']);
});

test("of other values there is one before and one after, and absent is not null", () => {
  expect(marked("a", null)).toEqual(["before a", "after null"]);
  expect(marked(undefined, false)).toEqual(["after false"]);
  expect(marked(undefined, undefined)).toEqual([]);
});

test("the elements of any two lists come back from their parts", () => {
  for (let seed = 1; seed < 200; seed += 1) {
    const list = (salt: number) =>
      Array.from({ length: (seed * salt) % 9 }, (_, index) => (seed * salt * (index + 3)) % 5);
    const [before, after] = [list(7), list(11)];
    const found = parts({ path: "x", before, after });
    const of = (gone: string) =>
      found.filter(({ mark }) => mark !== gone).map(({ text }) => Number(text));
    expect([of("after"), of("before")], `seed ${seed}`).toEqual([before, after]);
  }
});
