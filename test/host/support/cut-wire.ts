import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { execFileSync } from "../../support/bounded-process.ts";
import { until } from "./shell-hosts.ts";

/** Two networks with a wire between them and nothing else: they end with their processes. */
export interface Wire extends AsyncDisposable {
  /** Words that run a command in the controller's network, or in the host's. */
  readonly controller: readonly string[];
  readonly host: readonly string[];
  /** Address of the host's end. */
  readonly address: string;
  /** From now on every packet is lost on the way, in both directions, and nobody is told. */
  cut(): void;
  mend(): void;
}

const ends = [
  { device: "wire0", address: "10.77.0.1", other: "10.77.0.2" },
  { device: "wire1", address: "10.77.0.2", other: "10.77.0.1" },
] as const;

/** An address that no card has: what is sent to it is taken by nobody. */
const nobody = "02:00:00:00:00:99";

/** Lays a wire. Needs root. */
export async function layWire(): Promise<Wire> {
  const holders = ends.map(() => spawn("unshare", ["-n", "sleep", "600"], { stdio: "ignore" }));
  const words = holders.map(({ pid }) => ["nsenter", "-t", String(pid), "-n"]);
  const ours = readFileSync("/proc/self/net/dev", "utf8");
  const ip = (end: number, ...args: readonly string[]) => {
    const [program, ...rest] = [...words[end]!, "ip", ...args];
    execFileSync(program!, rest);
  };
  await until("the networks", () =>
    holders.every(({ pid }) => readFileSync(`/proc/${pid}/net/dev`, "utf8") !== ours),
  );
  const far = String(holders[1]!.pid);
  ip(
    0,
    "link",
    "add",
    ends[0].device,
    "type",
    "veth",
    "peer",
    "name",
    ends[1].device,
    "netns",
    far,
  );
  ends.forEach(({ device, address }, end) => {
    ip(end, "addr", "add", `${address}/30`, "dev", device);
    ip(end, "link", "set", device, "up");
  });
  return {
    controller: words[0]!,
    host: words[1]!,
    address: ends[1].address,
    cut: () =>
      ends.forEach(({ device, other }, end) =>
        ip(end, "neigh", "replace", other, "lladdr", nobody, "nud", "permanent", "dev", device),
      ),
    mend: () =>
      ends.forEach(({ device, other }, end) => ip(end, "neigh", "del", other, "dev", device)),
    async [Symbol.asyncDispose]() {
      for (const holder of holders) holder.kill("SIGKILL");
    },
  };
}
