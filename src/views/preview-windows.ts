import { parseWindow, windowsAt, zoneClock } from "../core/plan/maintenance.ts";

/** When it is, and the maintenance windows of each region, as an inventory writes them. */
export interface Calendar {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly windows: Readonly<Record<string, readonly string[]>>;
}

/** How the maintenance windows of a region stand at the time of a preview. */
export interface PreviewWindows {
  /** As the inventory has them. */
  readonly windows: readonly string[];
  /** In which they are meant. */
  readonly timezone: string;
  /** Is it inside one now? null: that zone is not known here. */
  readonly inside: boolean | null;
  /** RFC 3339, UTC; when the one that it is inside ends. */
  readonly closes: string | null;
  /** When the next one begins. */
  readonly opens: string | null;
}

/** null: the region has none. */
export function previewWindows(
  region: { readonly name: string; readonly timezone: string | null },
  { atMs, windows }: Calendar,
): PreviewWindows | null {
  const written = Object.hasOwn(windows, region.name) ? windows[region.name]! : [];
  if (written.length === 0) return null;
  const timezone = region.timezone ?? "UTC";
  const parsed = written.flatMap((text) => parseWindow(text) ?? []);
  const now = windowsAt(parsed, { timezone, atMs });
  return {
    windows: written,
    timezone,
    inside: now?.inside ?? null,
    closes: utc(now?.closesMs ?? null),
    opens: utc(now?.opensMs ?? null),
  };
}

/** One line: the windows, how it stands now, and the next opening in both zones. */
export function windowWords(it: PreviewWindows): string {
  const next = it.opens === null ? "" : `; opens ${momentWords(it.opens, it.timezone)}`;
  const stands =
    it.inside === null
      ? `; the zone ${it.timezone} is not known here`
      : it.closes === null
        ? "; outside now"
        : `; inside now, until ${momentWords(it.closes, it.timezone)}`;
  return `${it.windows.join(", ")} ${it.timezone}${stands}${next}`;
}

function utc(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

/** `Mon 2026-11-30 02:00 Asia/Shanghai = Sun 2026-11-29 18:00 UTC`. */
function momentWords(at: string, timezone: string): string {
  const ms = Date.parse(at);
  const clock = zoneClock(timezone);
  const local =
    clock === null || timezone === "UTC" ? "" : `${minuteWords(clock(ms))} ${timezone} = `;
  return `${local}${minuteWords(ms)} UTC`;
}

const dayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

function minuteWords(ms: number): string {
  const date = new Date(ms);
  const text = date.toISOString();
  return `${dayNames[date.getUTCDay()]} ${text.slice(0, 10)} ${text.slice(11, 16)}`;
}
