import type { Command } from "./command.ts";
import { firstWord } from "./usage-error.ts";

/** Every verb, in the order in which `--help` lists them: as one needs them. */
const verbs = {
  init: async () => (await import("./commands/init.ts")).init,
  validate: async () => (await import("./commands/validate.ts")).validate,
  preview: async () => (await import("./commands/preview.ts")).preview,
  rehearse: async () => (await import("./commands/rehearse.ts")).rehearse,
  apply: async () => (await import("./commands/apply.ts")).apply,
  status: async () => (await import("./commands/status.ts")).status,
  pause: async () => (await import("./commands/pause.ts")).pause,
  resume: async () => (await import("./commands/resume.ts")).resume,
  abort: async () => (await import("./commands/abort.ts")).abort,
  approve: async () => (await import("./commands/approve.ts")).approve,
  override: async () => (await import("./commands/override.ts")).override,
  decide: async () => (await import("./commands/decide.ts")).decide,
  watch: async () => (await import("./commands/watch.ts")).watch,
  undo: async () => (await import("./commands/undo.ts")).undo,
  reconcile: async () => (await import("./commands/reconcile.ts")).reconcile,
  serve: async () => (await import("./commands/serve.ts")).serve,
  report: async () => (await import("./commands/report.ts")).report,
  journal: async () => (await import("./commands/journal.ts")).journal,
  locks: async () => (await import("./commands/locks.ts")).locks,
  snapshots: async () => (await import("./commands/snapshots.ts")).snapshots,
  notices: async () => (await import("./commands/notices.ts")).notices,
  doctor: async () => (await import("./commands/doctor.ts")).doctor,
  schema: async () => (await import("./commands/schema.ts")).schema,
  completion: async () => (await import("./commands/completion.ts")).completion,
} as const satisfies Readonly<Record<string, () => Promise<Command>>>;

/**
 * What a command line can mean: its own verb where it names one, else all of them. Loading the
 * others would take most of the time that a short answer takes.
 */
export function commandsFor(argv: readonly string[]): Promise<readonly Command[]> {
  const word = firstWord(argv);
  const own = Object.entries(verbs).find(([verb]) => verb === word)?.[1];
  const wanted = own === undefined ? Object.values(verbs) : [own];
  return Promise.all(wanted.map((load) => load()));
}
