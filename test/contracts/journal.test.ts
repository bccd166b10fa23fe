import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockFile } from "../../src/journals/controller-lock.ts";
import { memoryJournals } from "../../src/journals/memory.ts";
import { openSqliteJournals } from "../../src/journals/sqlite.ts";
import type { Journals } from "../../src/ports/journal.ts";
import { journalContract } from "./journal-contract.ts";

const clock = { wall: () => new Date().toISOString() };

journalContract("journals in SQLite", async () => {
  const folder = await mkdtemp(join(tmpdir(), "handrail-journal-"));
  const open: Journals[] = [];
  return {
    journals: async () => {
      const journals = await openSqliteJournals({ folder, clock });
      open.push(journals);
      return journals;
    },
    // A lock on a file that is gone keeps nobody out: the fence in the journal must.
    lose: async () => rm(lockFile(folder, "alma")),
    end: async () => {
      for (const journals of open) await journals[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
});

journalContract("journals in memory", async () => {
  const journals = memoryJournals({ clock });
  return {
    journals: async () => journals,
    lose: async (rollout) => journals.lose(rollout),
    end: async () => journals[Symbol.asyncDispose](),
  };
});
