const DAY_MS = 86_400_000;
const OFFSET = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?/;
const LENGTHS = { second: 2, minute: 60, hour: 3_600, day: 172_800 } as const;

const two = (number: number) => String(Math.trunc(number)).padStart(2, "0");

/** The browser's time zone. */
export const localZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Whether the browser knows a time zone. */
export function isZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone: name }));
  } catch {
    return false;
  }
}

/** Moments on the clocks of a time zone, in the words of a locale. Its rules are the browser's. */
export class Zone {
  readonly #text: Intl.DateTimeFormat;
  readonly #day: Intl.DateTimeFormat;
  readonly #offset: Intl.DateTimeFormat;

  constructor(
    readonly name: string,
    readonly locale: string,
  ) {
    const day = { year: "numeric", month: "short", day: "numeric" } as const;
    const time = { hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;
    const clock = { timeZone: name, hourCycle: "h23" } as const;
    this.#text = new Intl.DateTimeFormat(locale, { ...day, ...time, ...clock });
    this.#day = new Intl.DateTimeFormat(locale, { ...day, timeZone: name });
    this.#offset = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
  }

  /** An RFC 3339 time as text to the second, or itself if it is none. */
  text(iso: string): string {
    const date = new Date(iso);
    return Number.isNaN(date.getTime()) ? iso : this.#text.format(date);
  }

  /** The day of a moment as text. */
  day(iso: string): string {
    const date = new Date(iso);
    return Number.isNaN(date.getTime()) ? iso : this.#day.format(date);
  }

  /** `+02:00`, as it was at that moment. */
  offset(iso: string): string {
    const moment = Date.parse(iso);
    if (Number.isNaN(moment)) return "";
    const minutes = this.#offsetMs(moment) / 60_000;
    const [hours, rest] = [Math.abs(minutes) / 60, Math.abs(minutes) % 60];
    return `${minutes < 0 ? "−" : "+"}${two(hours)}:${two(rest)}`;
  }

  /** Text, fraction and offset. */
  exact(iso: string): string {
    const fraction = /\.\d+/.exec(iso)?.[0] ?? "";
    return `${this.text(iso)}${fraction} ${this.offset(iso)}`;
  }

  /**
   * The moment of a local time such as `2026-10-25T00:00`, as RFC 3339 UTC, or null.
   *
   * A time that the zone has twice means the first; one that it skips means as long after the jump.
   */
  toUtc(local: string): string | null {
    const wall = Date.parse(`${local}Z`);
    if (!local || Number.isNaN(wall)) return null;
    const before = this.#offsetMs(wall - DAY_MS);
    const after = this.#offsetMs(wall + DAY_MS);
    const isLater =
      this.#offsetMs(wall - before) !== before && this.#offsetMs(wall - after) === after;
    const moment = new Date(wall - (isLater ? after : before));
    return moment.toISOString().replace(/\.000Z$/, "Z");
  }

  /** A moment as a local time to the second, without offset; empty if it is none. */
  toLocal(iso: string): string {
    const moment = Date.parse(iso);
    if (Number.isNaN(moment)) return "";
    return new Date(moment + this.#offsetMs(moment)).toISOString().replace(/\.\d+Z$/, "");
  }

  #offsetMs(moment: number): number {
    const [, sign, hours, minutes, seconds] = OFFSET.exec(this.#offset.format(moment)) ?? [];
    const total = Number(hours ?? 0) * 3_600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
    return (sign === "-" ? -total : total) * 1_000;
  }
}

/** The local day so many days after another, both as `YYYY-MM-DD`. */
export function plusDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** "2 hr", "3 days": how long so many seconds are, roughly. */
export function duration(seconds: number, locale: string): string {
  const unit = seconds < LENGTHS.hour ? "minute" : seconds < LENGTHS.day ? "hour" : "day";
  const length = unit === "day" ? 86_400 : LENGTHS[unit];
  const value = Math.max(1, Math.round(seconds / length));
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short" }).format(value);
}
