import { expect, test, vi } from "vitest";
import "../../annals-log";
import { Query } from "../../model/query";
import { environment, expectAccessible, mount } from "../testing";

const day = (number: number) => `2026-10-${String(number).padStart(2, "0")}T22:00:00.000000Z`;
const bucket = (number: number, count: number, by: object) => ({
  start: day(number),
  end: day(number + 1),
  count,
  by,
});
const buckets = [
  bucket(1, 3, { create: 1, update: 2 }),
  bucket(2, 0, {}),
  bucket(3, 6, { delete: 6 }),
];

async function shown() {
  const given = environment({ "/histogram": { buckets } });
  const properties = { environment: given, query: new Query(), newest: day(3) };
  const element = await mount("annals-histogram", properties);
  const bars = () => [...element.shadowRoot!.querySelectorAll<HTMLElement>(".bar")];
  await vi.waitFor(() => expect(bars()).toHaveLength(3));
  const chosen: string[] = [];
  element.addEventListener("annals-query", ({ detail }) => chosen.push(`${detail.query}`));
  return { element, bars: bars(), chosen };
}

const range = (from: number, to: number) => {
  const plain = (number: number) => day(number).replace(".000000", "");
  return new URLSearchParams({ from: plain(from), to: plain(to) }).toString();
};

test("each bar says what it stands for, and is as high as it is", async () => {
  const { element, bars } = await shown();
  expect(bars[0]!.ariaLabel).toBe("2 Oct 2026: 3 actions · Created 1 · Updated 2");
  expect(bars[1]!.ariaLabel).toBe("3 Oct 2026: 0 actions");
  const heights = bars.map((bar) =>
    [...bar.querySelectorAll<HTMLElement>(".part")].map((part) => part.style.blockSize),
  );
  expect(heights).toEqual([["16.6667%", "33.3333%"], [], ["100%"]]);
  await expectAccessible(element);
});

test("the keyboard goes from bar to bar and chooses one", async () => {
  const { element, bars, chosen } = await shown();
  bars[0]!.focus();
  for (const key of ["ArrowRight", "ArrowRight", "Enter"]) {
    element.shadowRoot!.activeElement!.dispatchEvent(
      new KeyboardEvent("keydown", { key, bubbles: true }),
    );
    await element.updateComplete;
  }
  expect(chosen).toEqual([range(3, 4)]);
});

test("a stretch that is drawn becomes the range, in either direction", async () => {
  const { element, bars, chosen } = await shown();
  const place = (bar: HTMLElement) => {
    const { left, width, top } = bar.getBoundingClientRect();
    return { clientX: left + width / 2, clientY: top + 5, bubbles: true, pointerId: 1 };
  };
  const all = element.shadowRoot!.querySelector<HTMLElement>(".bars")!;
  // A pointer that a script makes up cannot be captured.
  all.setPointerCapture = () => {};
  bars[2]!.dispatchEvent(new PointerEvent("pointerdown", place(bars[2]!)));
  bars[0]!.dispatchEvent(new PointerEvent("pointermove", place(bars[0]!)));
  bars[0]!.dispatchEvent(new PointerEvent("pointerup", place(bars[0]!)));
  expect(chosen).toEqual([range(1, 4)]);
});
