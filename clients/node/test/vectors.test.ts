/** What all clients and the gateway agree on, byte for byte. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { canonical } from "../src/canonical";
import { wire } from "../src/encoder";
import { partsOf, pathOf } from "../src/paths";
import { plain } from "../src/plain";
import { built, vectors } from "./vectors";

test("every vector is written as it stands", () => {
  assert.ok(vectors().length > 20);
  for (const vector of vectors()) assert.equal(wire(built(vector)), vector.json, vector.name);
});

test("every path reads back as the names it was made of", () => {
  for (const name of ["plain", "with.dot", "a[0]", "a/b", "~", "", "ж", "~1", "a\n"]) {
    assert.deepEqual(partsOf(pathOf(["outer", name])), ["outer", name]);
  }
  assert.deepEqual(partsOf("rules[0]['a b'].value"), ["rules", "0", "a b", "value"]);
  assert.deepEqual(partsOf("half[open"), ["half[open"]);
});

test("values that JSON does not know have a place all the same", () => {
  assert.equal(
    canonical(plain([NaN, Infinity, "a\ud800b", undefined])!),
    '[null,null,"a\ufffdb",null]',
  );
  assert.equal(canonical(2n ** 64n), "18446744073709552000");
  assert.equal(canonical(2n ** 64n - 1n), "18446744073709551615");
});
