import { plusDays, type Zone } from "../../model/zone";

/** A range as two moments, either of which may be open. */
export interface Range {
  from: string | null;
  to: string | null;
}

export const PRESETS = ["hours_24", "today", "yesterday", "days_7", "days_30", "month"] as const;
export type Preset = (typeof PRESETS)[number];

/** From the beginning of a local day to the beginning of another. */
export function days(zone: Zone, first: string, afterLast: string): Range {
  return { from: zone.toUtc(`${first}T00:00`), to: zone.toUtc(`${afterLast}T00:00`) };
}

/** A preset as moments that are fixed now: whoever opens the link later sees the same. */
export function presetRange(preset: Preset, zone: Zone, now: Date): Range {
  const iso = now.toISOString().replace(/\.\d+Z$/, "Z");
  const today = zone.toLocal(iso).slice(0, 10);
  const tomorrow = plusDays(today, 1);
  switch (preset) {
    case "hours_24":
      return {
        from: new Date(Date.parse(iso) - 86_400_000).toISOString().replace(".000", ""),
        to: iso,
      };
    case "today":
      return days(zone, today, tomorrow);
    case "yesterday":
      return days(zone, plusDays(today, -1), today);
    case "days_7":
      return days(zone, plusDays(today, -6), tomorrow);
    case "days_30":
      return days(zone, plusDays(today, -29), tomorrow);
    case "month":
      return days(zone, `${today.slice(0, 8)}01`, tomorrow);
  }
}
