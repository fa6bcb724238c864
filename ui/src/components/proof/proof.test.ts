import { expect, test, vi } from "vitest";
import "../../annals-log";
import { Refusal } from "../../api/refusal";
import { environment, expectAccessible, mount, ROW, texts } from "../testing";

const EVENT = { ...ROW, leaf_hash: "ab12", position: { partition: 0, offset: 7 } };

async function asked(proof: () => Promise<string>) {
  const given = environment();
  Object.assign(given.client, { proof, logKeys: async () => "", workspace: "acme" });
  const element = await mount("annals-proof", { environment: given, event: EVENT as never });
  element.shadowRoot!.querySelector("button")!.click();
  await vi.waitFor(() => expect(texts(element, ".verdict")).toHaveLength(1));
  await expectAccessible(element);
  return element;
}

test("why there is no verdict is told: not signed yet, not permitted, out of reach", async () => {
  const refused = async (status: number) => {
    const element = await asked(() => Promise.reject(new Refusal(status)));
    return texts(element, ".verdict strong")[0];
  };
  expect(await refused(404)).toMatch(/^Not signed yet/);
  expect(await refused(403)).toBe("You do not have permission to verify.");
  expect(await refused(0)).toBe("The proof could not be fetched. Try again.");
});

test("a proof that does not hold is called so, and can be taken along", async () => {
  const element = await asked(async () => "no proof");
  expect(texts(element, ".broken strong")).toEqual([
    "Not proven: the server’s proof cannot be read.",
  ]);
  expect(texts(element, ".verdict button")).toEqual(["Copy proof"]);
  element.event = { ...EVENT } as never;
  await element.updateComplete;
  expect(texts(element, ".verdict")).toEqual([]);
});
