/** "HRJ1": tells a journal from any other SQLite file (PRAGMA application_id). */
export const applicationId = 0x48524a31;

/**
 * Plain SQL, in order, each run once and never edited after its release; the number of those that
 * ran is the database's user_version.
 */
export const migrations: readonly string[] = [
  // 1: rollouts, their records, the inbox, who holds what.
  `
  CREATE TABLE rollouts (
    number     INTEGER PRIMARY KEY,           -- in the order of opening
    name       TEXT NOT NULL UNIQUE,
    inventory  TEXT NOT NULL,
    digest     TEXT NOT NULL,
    opened_at  TEXT NOT NULL,
    epoch      INTEGER NOT NULL,              -- of the newest runner: only it may append
    records    INTEGER NOT NULL,              -- how many there must be
    head       TEXT NOT NULL,                 -- hash of the last one; the name before the first
    outcome    TEXT
  ) STRICT;

  CREATE TABLE records (
    rollout    INTEGER NOT NULL REFERENCES rollouts (number),
    seq        INTEGER NOT NULL,
    key        TEXT NOT NULL,                 -- an append repeated with its key writes nothing
    line       TEXT NOT NULL,
    hash       TEXT NOT NULL,
    PRIMARY KEY (rollout, seq),
    UNIQUE (rollout, key)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE wishes (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    rollout    INTEGER NOT NULL REFERENCES rollouts (number),
    left_at    TEXT NOT NULL,
    text       TEXT NOT NULL,
    record     INTEGER                        -- the asked record that took it out; null: waiting
  ) STRICT;

  CREATE INDEX wishes_waiting ON wishes (rollout, number) WHERE record IS NULL;

  CREATE TABLE holders (                      -- words for people: the lock file decides
    inventory  TEXT PRIMARY KEY,
    rollout    TEXT NOT NULL,
    epoch      INTEGER NOT NULL,
    runner     TEXT NOT NULL,
    holder     TEXT NOT NULL,
    pid        INTEGER NOT NULL,
    since      TEXT NOT NULL
  ) STRICT;
  `,
];
