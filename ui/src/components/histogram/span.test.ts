import { expect, test } from "vitest";
import { Query } from "../../model/query";
import { Zone } from "../../model/zone";
import { span } from "./span";

const paris = new Zone("Europe/Paris", "en-GB");
const newest = "2026-10-25T12:00:00Z";
const within = (from: string, to: string) =>
  span(
    new Query([
      ["from", from],
      ["to", to],
    ]),
    newest,
    paris,
  );

test("without a range it is the thirty local days up to the newest event", () => {
  const expected = { from: "2026-09-25T22:00:00Z", to: "2026-10-25T23:00:00Z", bucket: "day" };
  expect(span(new Query(), newest, paris)).toEqual(expected);
});

test("a range is cut so that bars can be told apart", () => {
  expect(within("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")?.bucket).toBe("hour");
  expect(within("2026-10-01T00:00:00Z", "2026-10-25T00:00:00Z")?.bucket).toBe("day");
  expect(within("2025-10-01T00:00:00Z", "2026-10-25T00:00:00Z")?.bucket).toBe("week");
});

test("a range that is empty or endless has no picture", () => {
  expect(within("2026-10-25T00:00:00Z", "2026-10-25T00:00:00Z")).toBeNull();
  expect(within("1970-01-01T00:00:00Z", "2026-10-25T00:00:00Z")).toBeNull();
});
