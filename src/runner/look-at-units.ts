import type { Host } from "../core/plan/inventory.ts";
import { namedUnits } from "../core/plan/named-units.ts";
import type { StepSpec } from "../core/plan/plan.ts";
import { earlierMin } from "../core/envelope.ts";
import { oneLine } from "../core/printable.ts";
import type { SawUnits, UnitSeen, UnitsSeen } from "../core/units-seen.ts";
import { substitute } from "../core/variables.ts";
import type { CommandResult } from "../ports/guard-command.ts";
import { environmentOf, guardOf, type Work } from "./work.ts";

/** systemd answers at once, or it hangs: then the step is not held up by it. */
const timeoutMs = 10_000;
const outputBytesMax = 64 * 1024;
/** Characters of a trouble that a sentence quotes. */
const shownMax = 160;

/** Arguments: the units. One call for all of them, whose answers are parted by empty lines. */
const script = `LC_ALL=C
export LC_ALL
if ! command -v systemctl >/dev/null 2>&1; then
  echo "systemctl is not on the host" >&2
  exit 3
fi
exec systemctl show --no-pager -p ActiveState -p ActiveEnterTimestampMonotonic -p MainPID -p NRestarts -- "$@"
`;

/**
 * How the units that the plan names stand on this host now: one read-only question over the channel that
 * is there anyway. Absent: nobody needs to know, because the plan names none, the step does not run on
 * the instance's hosts, or there is no other instance to be held against.
 */
export async function lookAtUnits(
  work: Work,
  { spec, host }: { readonly spec: StepSpec; readonly host: Host },
): Promise<SawUnits> {
  const { plan, instances } = work.parts.itinerary;
  const units = namedUnits(plan);
  const { envelope = "off" } = plan.rollout;
  if (units.length === 0 || envelope === "off" || spec.on === "controller") return {};
  if (Object.keys(instances).length <= earlierMin) return {};
  const args = substitute(units, environmentOf(work, host));
  const guard = await guardOf(work, host);
  const asked = await guard.ask({ script, env: {}, args, timeoutMs, outputMax: outputBytesMax });
  if (asked.kind !== "result") return { units: { because: asked.failure.message } };
  return { units: unitsIn(asked.value, units.length) };
}

function unitsIn(result: CommandResult, count: number): UnitsSeen {
  if (result.timedOut) return { because: `systemctl did not end within ${timeoutMs / 1000} s` };
  if (result.exitCode !== 0) {
    const said = oneLine(result.stderr, { max: shownMax, keep: "end" }).trim();
    return { because: said === "" ? `systemctl ended with ${result.exitCode}` : said };
  }
  const blocks = new TextDecoder()
    .decode(result.stdout)
    .trim()
    .split(/\n{2,}/);
  if (result.dropped > 0 || blocks.length !== count)
    return { because: "systemctl told of other units than it was asked about" };
  return { units: blocks.map(unitIn) };
}

function unitIn(block: string): UnitSeen | null {
  const values = new Map(
    block.split("\n").map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
  const state = values.get("ActiveState") ?? "";
  const activeSinceUs = numeric(values.get("ActiveEnterTimestampMonotonic"));
  if (!/^[a-z-]{1,20}$/.test(state) || activeSinceUs === null) return null;
  const [pid, restarts] = [numeric(values.get("MainPID")), numeric(values.get("NRestarts"))];
  return { state, activeSinceUs, pid, restarts };
}

function numeric(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
