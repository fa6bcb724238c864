import type { Query } from "../../model/query";
import { plusDays, type Zone } from "../../model/zone";

const HOUR_MS = 3_600_000;
const DAYS_WITHOUT_RANGE = 30;
/** Spans up to these are cut into hours and days; longer ones into weeks. */
const HOURS_UP_TO_MS = 50 * HOUR_MS;
const DAYS_UP_TO_MS = 100 * 24 * HOUR_MS;
/** Beyond this there would be more bars than anybody can tell apart. */
const LONGEST_MS = 400 * 7 * 24 * HOUR_MS;

/** What a histogram covers, and how it is cut. */
export interface Span {
  from: string;
  to: string;
  bucket: "hour" | "day" | "week";
}

/** The range of a query; without one the days up to the newest event. Null if it is too long. */
export function span(query: Query, newest: string, zone: Zone): Span | null {
  const day = zone.toLocal(query.one("to") || newest).slice(0, 10);
  const to = query.one("to") || zone.toUtc(`${plusDays(day, 1)}T00:00`)!;
  const first = plusDays(zone.toLocal(to).slice(0, 10), -DAYS_WITHOUT_RANGE);
  const from = query.one("from") || zone.toUtc(`${first}T00:00`)!;
  const length = Date.parse(to) - Date.parse(from);
  if (!(length > 0) || length > LONGEST_MS) return null;
  const bucket = length <= HOURS_UP_TO_MS ? "hour" : length <= DAYS_UP_TO_MS ? "day" : "week";
  return { from, to, bucket };
}
