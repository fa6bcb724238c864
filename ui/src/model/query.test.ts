import { expect, test } from "vitest";
import { Query } from "./query";

test("the order of choosing does not matter", () => {
  const one = new Query().plus("actor", "u2").plus("kind", "delete").plus("actor", "u1");
  const other = new Query().plus("kind", "delete").plus("actor", "u1").plus("actor", "u2");
  expect(one.toString()).toBe("actor=u1&actor=u2&kind=delete");
  expect(one.equals(other)).toBe(true);
});

test("a value is chosen once, and commas are part of it", () => {
  const query = new Query().plus("actor", "a,b").plus("actor", "a,b");
  expect(query.all("actor")).toEqual(["a,b"]);
});

test("paging is no filter, an unknown name is one", () => {
  const query = new Query([
    ["cursor", "x"],
    ["limit", "7"],
    ["actr", "u1"],
  ]);
  expect(query.pairs).toEqual([["actr", "u1"]]);
});

test("removing one bound keeps the other", () => {
  const query = new Query([
    ["from", "a"],
    ["to", "b"],
  ]);
  expect(query.with("from", [null]).pairs).toEqual([["to", "b"]]);
});

test("a filter that has one value takes the newer one", () => {
  expect(new Query().plus("resource_name", "a").plus("resource_name", "b").pairs).toEqual([
    ["resource_name", "b"],
  ]);
});
