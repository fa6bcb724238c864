import { expect, test, vi } from "vitest";
import "../../annals-log";
import { Refusal } from "../../api/refusal";
import { Query } from "../../model/query";
import { environment, expectAccessible, mount, texts } from "../testing";

test("whoever may not export is told so", async () => {
  const given = environment();
  Object.assign(given.client, { export: () => Promise.reject(new Refusal(403)) });
  const element = await mount("annals-export", { environment: given, query: new Query() });
  element.shadowRoot!.querySelector<HTMLElement>(".opener")!.click();
  await element.updateComplete;
  await expectAccessible(element);
  element.shadowRoot!.querySelector<HTMLElement>(".popup button")!.click();
  const refused = ["You do not have permission to export."];
  await vi.waitFor(() => expect(texts(element, "[role=status]")).toEqual(refused));
});
