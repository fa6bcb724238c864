import { expect, test } from "vitest";
import { Zone } from "../../model/zone";
import { days, presetRange } from "./presets";

const paris = new Zone("Europe/Paris", "en-GB");
const now = new Date("2026-10-25T12:00:00.500Z");

test("the last 24 hours are moments, whatever clocks did", () => {
  const range = { from: "2026-10-24T12:00:00Z", to: "2026-10-25T12:00:00Z" };
  expect(presetRange("hours_24", paris, now)).toEqual(range);
});

test("days are local days: the one when clocks go back has 25 hours", () => {
  const today = { from: "2026-10-24T22:00:00Z", to: "2026-10-25T23:00:00Z" };
  expect(presetRange("today", paris, now)).toEqual(today);
  expect(days(paris, "2026-03-29", "2026-03-30")).toEqual({
    from: "2026-03-28T23:00:00Z",
    to: "2026-03-29T22:00:00Z",
  });
});

test("the last 7 days end with today, adjacent days share their border", () => {
  expect(presetRange("days_7", paris, now).from).toBe("2026-10-18T22:00:00Z");
  expect(presetRange("yesterday", paris, now).to).toBe(presetRange("today", paris, now).from);
  expect(presetRange("month", paris, now).from).toBe("2026-09-30T22:00:00Z");
});
