/** Moments in the viewer's time zone. The zone's rules are the browser's. */

const FORMAT = new Intl.DateTimeFormat(undefined, {
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

const two = (number) => String(Math.trunc(number)).padStart(2, "0");

/** `+02:00`, as it was at that moment. */
export function offsetAt(date) {
  const minutes = -date.getTimezoneOffset();
  const sign = minutes < 0 ? "−" : "+";
  return `${sign}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}

/** An RFC 3339 time as local text and offset. */
export function dateTime(iso) {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return { text: String(iso), offset: "" };
  return { text: FORMAT.format(date), offset: offsetAt(date) };
}

/** The viewer's zone in words. */
export function zoneLabel() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return `Times are in ${zone}.`;
}

/**
 * A `datetime-local` value as RFC 3339 UTC, or null.
 *
 * An hour that a zone has twice means the first; one that it skips means as long after the jump
 * (that is how ECMAScript reads local times).
 */
export function localToUtc(value) {
  const date = new Date(value);
  if (!value || Number.isNaN(date.getTime())) return null;
  return date.toISOString().replace(/\.000Z$/, "Z");
}

/** An RFC 3339 time as a `datetime-local` value. */
export function utcToLocal(iso) {
  const date = new Date(iso ?? "");
  if (Number.isNaN(date.getTime())) return "";
  const year = String(date.getFullYear()).padStart(4, "0");
  const day = [year, two(date.getMonth() + 1), two(date.getDate())].join("-");
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  return `${day}T${time}`;
}

/** "2 h", "3 days": how long so many seconds are, roughly. */
export function duration(seconds) {
  if (seconds < 3_600) return `${Math.max(1, Math.round(seconds / 60))} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}
