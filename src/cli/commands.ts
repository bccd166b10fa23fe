import type { Command } from "./command.ts";
import { abort } from "./commands/abort.ts";
import { apply } from "./commands/apply.ts";
import { approve } from "./commands/approve.ts";
import { decide } from "./commands/decide.ts";
import { doctor } from "./commands/doctor.ts";
import { init } from "./commands/init.ts";
import { journal } from "./commands/journal.ts";
import { locks } from "./commands/locks.ts";
import { pause } from "./commands/pause.ts";
import { preview } from "./commands/preview.ts";
import { reconcile } from "./commands/reconcile.ts";
import { report } from "./commands/report.ts";
import { resume } from "./commands/resume.ts";
import { schema } from "./commands/schema.ts";
import { snapshots } from "./commands/snapshots.ts";
import { status } from "./commands/status.ts";
import { undo } from "./commands/undo.ts";
import { validate } from "./commands/validate.ts";

/** Every verb, in the order in which `--help` lists them: as one needs them. */
export const commands: readonly Command[] = [
  init,
  validate,
  preview,
  apply,
  status,
  pause,
  resume,
  abort,
  approve,
  decide,
  undo,
  reconcile,
  report,
  journal,
  locks,
  snapshots,
  doctor,
  schema,
];
