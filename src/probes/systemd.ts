import { z } from "zod";
import { duration } from "../core/plan/durations.ts";
import { oneLine } from "../core/printable.ts";
import type { CommandResult } from "../ports/guard-command.ts";
import type { ProbeContext, ProbeKind } from "../ports/probe-kind.ts";
import { lastWords, lookOnHost } from "./host-look.ts";
import { error, fail, type Found, pass, timed } from "./probe-answers.ts";

const outputBytesMax = 4096;

/** Characters of a state that a sentence quotes. */
const shownMax = 40;

const unit = z
  .string()
  .regex(/^[A-Za-z0-9$][^\s/\p{Cc}]{0,254}$/u, { error: "must be the name of a unit" });

const timeout = duration.prefault("10s").describe("How long the look may take. Default: 10s.");

const args = z
  .union([
    unit.transform((name) => ({ unit: name, restartsMax: 0, timeout: 10_000 })),
    z.strictObject({
      unit: unit.describe("The unit, e.g. app.service."),
      restartsMax: z
        .union([z.int().min(0), z.literal("any")])
        .default(0)
        .describe(
          "How often systemd may have restarted it by itself since before the first step; any: that is not looked at. Default: 0.",
        ),
      timeout,
    }),
  ])
  .describe("A systemd unit on the host is active, and systemd does not keep restarting it.");

export type SystemdArgs = z.output<typeof args>;

/** Argument: the unit. Prints `systemctl show`'s lines; exit code 3: there is no systemctl. */
const script = `LC_ALL=C
export LC_ALL
if ! command -v systemctl >/dev/null 2>&1; then
  echo "systemctl is not on the host" >&2
  exit 3
fi
exec systemctl show --no-pager -p LoadState -p ActiveState -p SubState -p NRestarts -- "$1"
`;

/** `systemd: app.service` or `{ unit, restartsMax }`. The mark is how often it had been restarted. */
export const systemd: ProbeKind<SystemdArgs> = {
  name: "systemd",
  args,
  substitutes: true,
  place: "host",
  places: ["host", "controller"],
  unproved: () => ({ because: "only shows that a process runs", suggestion: null }),
  mark: async (given, context) => {
    const shown = await show(given, context);
    return "found" in shown ? `unknown: ${shown.found.because}` : (shown.restarts ?? "none");
  },
  ask: (given, context) =>
    timed(async () => {
      const shown = await show(given, context);
      return "found" in shown ? shown.found : judge(given, shown, context.mark);
    }),
};

interface Shown {
  readonly load: string;
  readonly active: string;
  readonly sub: string;
  /** null: this systemd does not count them (before version 235). */
  readonly restarts: string | null;
}

async function show(
  given: SystemdArgs,
  context: ProbeContext,
): Promise<Shown | { readonly found: Found }> {
  const looked = await lookOnHost(context, {
    script,
    env: {},
    args: [given.unit],
    timeoutMs: given.timeout,
    outputMax: outputBytesMax,
  });
  if ("found" in looked) return looked;
  if (looked.result.exitCode !== 0)
    return { found: error(`systemd can't be asked${lastWords(looked.result)}`) };
  return read(looked.result);
}

function read(result: CommandResult): Shown | { readonly found: Found } {
  const lines = new TextDecoder().decode(result.stdout).split("\n");
  const valueOf = (name: string): string | null => {
    const line = lines.find((one) => one.startsWith(`${name}=`));
    return line === undefined ? null : oneLine(line.slice(name.length + 1), { max: shownMax });
  };
  const [load, active, sub] = [valueOf("LoadState"), valueOf("ActiveState"), valueOf("SubState")];
  if (load === null || active === null || sub === null)
    return { found: error(`systemd's answer can't be read${lastWords(result)}`) };
  return { load, active, sub, restarts: valueOf("NRestarts") };
}

function judge(
  given: SystemdArgs,
  { load, active, sub, restarts }: Shown,
  mark: string | null,
): Found {
  const name = oneLine(given.unit, { max: 80 });
  if (load === "not-found") return fail(`there is no unit "${name}"`);
  // One that reloads its configuration serves meanwhile (systemctl(1)).
  if (active !== "active" && active !== "reloading")
    return fail(`"${name}" is ${active} (${sub}), expected active`);
  const state = `"${name}" is ${active} (${sub})`;
  if (given.restartsMax === "any") return pass(state);
  const now = countOf(restarts);
  const before = countOf(mark);
  if (now === null) return error(`${state}, but this systemd does not count its restarts`);
  if (before === null)
    return error(`${state}, but nobody knows how often it had been restarted before${why(mark)}`);
  // A start by hand, or by a step, sets systemd's count back to 0.
  const since = now >= before ? now - before : now;
  const times = `${since} ${since === 1 ? "restart" : "restarts"} by systemd since the first step`;
  return since > given.restartsMax
    ? fail(`${state}, but ${times}, expected at most ${given.restartsMax}`)
    : pass(`${state}, ${times}`);
}

function countOf(text: string | null): number | null {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function why(mark: string | null): string {
  return mark !== null && mark.startsWith("unknown: ") ? ` (${mark.slice(9)})` : "";
}
