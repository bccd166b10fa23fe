import { oneLine } from "../core/printable.ts";
import { type PreviewHost } from "../views/preview-hosts.ts";
import { counted, size } from "../views/wording.ts";
import type { DoctorFinding } from "./doctor-findings.ts";

/** What one host can and can't do, and what would stop a rollout there. */
export function hostFindings(it: PreviewHost): readonly DoctorFinding[] {
  const what = `host ${it.name}`;
  if (it.failure !== null) {
    return [{ is: "bad", what, says: oneLine(it.failure.message), hint: it.failure.hint }];
  }
  const troubles = it.troubles.map(({ message, hint }): DoctorFinding => ({
    is: "bad",
    what,
    says: oneLine(message),
    hint,
  }));
  return [
    { is: "ok", what, says: oneLine(it.says), hint: null },
    ...(it.losses.length === 0
      ? [note("ok", what, "its snapshots keep everything that the trees of this plan have")]
      : [note("note", what, `its snapshots can't keep: ${it.losses.join(", ")}`)]),
    it.preventionFault === ""
      ? note("ok", what, "steps can run with protected paths read-only")
      : note("note", what, `steps run with protected paths writable: ${it.preventionFault}`),
    ...(it.logoutFault === ""
      ? []
      : [
          note("note", what, `the dead-man switch may not outlive a connection: ${it.logoutFault}`),
        ]),
    ...(it.lock === null ? [note("ok", what, "nobody holds it")] : []),
    ...(it.spool.fault === "" ? [spoolFinding(it, what)] : []),
    ...troubles,
  ];
}

function spoolFinding({ spool, needs, protected: trees }: PreviewHost, what: string) {
  const space = spool.freeBytes === null ? "" : `, with ${size(spool.freeBytes)} free`;
  const inodes =
    spool.freeInodes === null ? "" : ` and room for ${counted(spool.freeInodes, "file")}`;
  const state = spool.exists ? "can be used" : "can be made";
  const about = `${counted(trees.entries, "entry", "entries")} in ${counted(trees.trees, "tree")}`;
  const need = `snapshots of ${trees.unfinished ? "at least " : ""}${about} need about ${size(needs.bytes)}`;
  return note("ok", what, `the spool ${spool.path} ${state}${space}${inodes}; ${need}`);
}

function note(is: DoctorFinding["is"], what: string, says: string): DoctorFinding {
  return { is, what, says: oneLine(says), hint: null };
}
