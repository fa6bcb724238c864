import { expect, test } from "vitest";
import "../../annals-log";
import { Query } from "../../model/query";
import { environment, expectAccessible, mount } from "../testing";

test("boxes and texts become filters, one value more each", async () => {
  const query = new Query([["kind", "create"]]);
  const element = await mount("annals-more", { environment: environment(), query });
  const chosen: string[] = [];
  element.addEventListener("annals-query", ({ detail }) => chosen.push(detail.query.toString()));
  const find = <Kind extends HTMLElement>(selector: string) =>
    element.shadowRoot!.querySelector<Kind>(selector)!;
  find(".opener").click();
  await element.updateComplete;
  const boxes = [...element.shadowRoot!.querySelectorAll<HTMLInputElement>("[type=checkbox]")];
  expect(boxes.filter(({ checked }) => checked)).toHaveLength(1);
  boxes[1]!.click();
  const request = find<HTMLInputElement>("#request_id");
  request.value = " req-1 ";
  request.dispatchEvent(new Event("change"));
  expect(chosen).toEqual(["kind=create&kind=update", "kind=create&request_id=req-1"]);
  await expectAccessible(element);
});
