import { describe, expect, test } from "vitest";
import { duration, plusDays, Zone } from "./zone";

const zone = (name: string) => new Zone(name, "en-GB");

describe("moments in a zone", () => {
  test.each([
    ["Europe/Paris", "2026-10-25T00:30:00Z", "25 Oct 2026, 02:30:00", "+02:00"],
    ["Europe/Paris", "2026-10-25T01:30:00Z", "25 Oct 2026, 02:30:00", "+01:00"],
    ["Europe/Paris", "2026-03-29T00:59:59Z", "29 Mar 2026, 01:59:59", "+01:00"],
    ["Europe/Paris", "2026-03-29T01:00:00Z", "29 Mar 2026, 03:00:00", "+02:00"],
    ["Asia/Kathmandu", "2026-06-30T18:30:00Z", "1 Jul 2026, 00:15:00", "+05:45"],
    ["America/St_Johns", "2026-06-30T18:30:00Z", "30 Jun 2026, 16:00:00", "−02:30"],
    ["Pacific/Kiritimati", "2026-06-30T18:30:00Z", "1 Jul 2026, 08:30:00", "+14:00"],
    ["UTC", "9999-12-31T23:59:59Z", "31 Dec 9999, 23:59:59", "+00:00"],
  ])("%s %s", (name, iso, text, offset) => {
    expect([zone(name).text(iso), zone(name).offset(iso)]).toEqual([text, offset]);
  });

  test("microseconds are kept where they are asked for", () => {
    const exact = zone("Europe/Paris").exact("2026-10-25T01:30:00.000123Z");
    expect(exact).toBe("25 Oct 2026, 02:30:00.000123 +01:00");
  });

  test("what is no time stays as it is", () => {
    expect(zone("UTC").text("soon")).toBe("soon");
    expect(zone("UTC").toLocal("")).toBe("");
    expect(zone("UTC").toUtc("")).toBeNull();
  });
});

describe("local times", () => {
  test.each([
    // Days of 25 and of 23 hours.
    ["Europe/Paris", "2026-10-25T00:00", "2026-10-24T22:00:00Z"],
    ["Europe/Paris", "2026-10-26T00:00", "2026-10-25T23:00:00Z"],
    ["Europe/Paris", "2026-03-29T00:00", "2026-03-28T23:00:00Z"],
    ["Europe/Paris", "2026-03-30T00:00", "2026-03-29T22:00:00Z"],
    // Twice there: the first. Not there: as long after the jump.
    ["Europe/Paris", "2026-10-25T02:30", "2026-10-25T00:30:00Z"],
    ["Europe/Paris", "2026-03-29T02:30", "2026-03-29T01:30:00Z"],
    // In Cairo clocks jump at midnight: the day begins at one.
    ["Africa/Cairo", "2026-04-24T00:00", "2026-04-23T22:00:00Z"],
    ["America/St_Johns", "2026-07-01T00:00", "2026-07-01T02:30:00Z"],
    ["Pacific/Kiritimati", "2026-07-01T00:00", "2026-06-30T10:00:00Z"],
  ])("%s %s is %s", (name, local, utc) => {
    expect(zone(name).toUtc(local)).toBe(utc);
  });

  test("every moment comes back from its local time, the repeated hour excepted", () => {
    const paris = zone("Europe/Paris");
    for (let hour = 0; hour < 365 * 24; hour += 7) {
      const iso = new Date(Date.UTC(2026, 0, 1, hour)).toISOString().replace(".000", "");
      if (iso === "2026-10-25T01:00:00Z") continue;
      expect(paris.toUtc(paris.toLocal(iso))).toBe(iso);
    }
  });
});

test("days are counted over months and years", () => {
  expect(plusDays("2026-12-31", 1)).toBe("2027-01-01");
  expect(plusDays("2028-03-01", -1)).toBe("2028-02-29");
});

test("durations are rough and never nothing", () => {
  expect([1, 7_200, 864_000].map((seconds) => duration(seconds, "en"))).toEqual([
    "1 min",
    "2 hr",
    "10 days",
  ]);
});
