import type { ProbeKind } from "../ports/probe-kind.ts";
import { file } from "./file.ts";
import { http } from "./http.ts";
import { log } from "./log.ts";
import { prometheus } from "./prometheus.ts";
import { run } from "./run.ts";
import { systemd } from "./systemd.ts";
import { tcp } from "./tcp.ts";
import { tls } from "./tls.ts";

/** Every kind of probe, in the order in which `handrail schema plan` lists them. */
export const probeKinds = [http, tcp, tls, run, file, log, systemd, prometheus] as const;

/** The kind of this name; null when there is none. */
export function probeKind(name: string): ProbeKind | null {
  return probeKinds.find((kind) => kind.name === name) ?? null;
}
