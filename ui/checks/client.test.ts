import { expect, test } from "vitest";
// @ts-expect-error a script without types
import { current, generate } from "../scripts/client.mjs";

test("the client's types are those of the reviewed document; else: npm run client", async () => {
  expect(current()).toBe(await generate());
});
