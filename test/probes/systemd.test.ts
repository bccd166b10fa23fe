import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ProbeContext } from "../../src/ports/probe-kind.ts";
import { systemd } from "../../src/probes/systemd.ts";
import { describeWith } from "../support/parts.ts";
import {
  answeringContext,
  probeShells,
  realContext,
  temporaryFolder,
  withoutTime,
} from "./probe-contexts.ts";

const ask = async (given: unknown, context: ProbeContext) =>
  withoutTime(await systemd.ask(systemd.args.parse(given), context));

/** A host whose `systemctl show` says this; the words that it was called with come back in `calls`. */
async function hostSaying(lines: string, mark: string | null) {
  const folder = await temporaryFolder();
  const tool = join(folder.path, "systemctl");
  await writeFile(
    tool,
    `#!/bin/sh\n[ "$1 $3 $4" = "show -p LoadState" ] || exit 9\ncat <<'E'\n${lines}\nE\n`,
  );
  await chmod(tool, 0o755);
  const real = realContext(probeShells[0]!, { mark });
  return {
    context: {
      ...real,
      run: (order) =>
        real.run({ ...order, env: { ...order.env, PATH: `${folder.path}:/usr/bin:/bin` } }),
    } satisfies ProbeContext,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

const shown = (active: string, sub: string, restarts?: string, load = "loaded") =>
  [
    ...(restarts === undefined ? [] : [`NRestarts=${restarts}`]),
    `LoadState=${load}`,
    `ActiveState=${active}`,
    `SubState=${sub}`,
  ].join("\n");

describeWith(["dash"], "a unit", () => {
  test.each<[string, string, string | null, object, "pass" | "fail" | "error", string]>([
    [
      "runs",
      shown("active", "running", "2"),
      "2",
      {},
      "pass",
      '"app" is active (running), 0 restarts by systemd since the first step',
    ],
    [
      "reloads",
      shown("reloading", "reload", "0"),
      "0",
      {},
      "pass",
      '"app" is reloading (reload), 0 restarts by systemd since the first step',
    ],
    [
      "is gone",
      shown("inactive", "dead", "0"),
      "0",
      {},
      "fail",
      '"app" is inactive (dead), expected active',
    ],
    [
      "has failed",
      shown("failed", "failed", "5"),
      "0",
      {},
      "fail",
      '"app" is failed (failed), expected active',
    ],
    [
      "is between two crashes",
      shown("activating", "auto-restart", "5"),
      "0",
      {},
      "fail",
      '"app" is activating (auto-restart), expected active',
    ],
    [
      "was restarted by systemd",
      shown("active", "running", "3"),
      "2",
      {},
      "fail",
      '"app" is active (running), but 1 restart by systemd since the first step, expected at most 0',
    ],
    [
      "was restarted as often as it may be",
      shown("active", "running", "3"),
      "2",
      { restartsMax: 1 },
      "pass",
      '"app" is active (running), 1 restart by systemd since the first step',
    ],
    [
      "was restarted by hand, which sets the count back",
      shown("active", "running", "0"),
      "7",
      {},
      "pass",
      '"app" is active (running), 0 restarts by systemd since the first step',
    ],
    [
      "was restarted by hand and crashes since",
      shown("active", "running", "2"),
      "7",
      {},
      "fail",
      '"app" is active (running), but 2 restarts by systemd since the first step, expected at most 0',
    ],
    [
      "is not there",
      shown("inactive", "dead", "0", "not-found"),
      "0",
      {},
      "fail",
      'there is no unit "app"',
    ],
    [
      "is of a systemd that counts nothing",
      shown("active", "running"),
      "none",
      {},
      "error",
      '"app" is active (running), but this systemd does not count its restarts',
    ],
    [
      "may restart as it likes",
      shown("active", "running"),
      "none",
      { restartsMax: "any" },
      "pass",
      '"app" is active (running)',
    ],
    [
      "has no mark",
      shown("active", "running", "0"),
      "unknown: lost",
      {},
      "error",
      '"app" is active (running), but nobody knows how often it had been restarted before (lost)',
    ],
    [
      "answers in another language",
      "Einheit",
      "0",
      {},
      "error",
      "systemd's answer can't be read: \"Einheit\"",
    ],
  ])("that %s", async (_, lines, mark, given, is, because) => {
    await using host = await hostSaying(lines, mark);
    expect(await ask({ unit: "app", ...given }, host.context)).toEqual({ is, because });
  });

  test("gives as its mark how often it was restarted before", async () => {
    await using host = await hostSaying(shown("active", "running", "4"), null);
    expect(await systemd.mark!(systemd.args.parse("app.service"), host.context)).toBe("4");
  });

  test("on a host without systemd is no verdict, and neither is its mark", async () => {
    await using folder = await temporaryFolder();
    const real = realContext(probeShells[0]!);
    const context: ProbeContext = {
      ...real,
      run: (order) => real.run({ ...order, env: { PATH: folder.path } }),
    };
    const because = 'systemd can\'t be asked: "systemctl is not on the host"';
    expect(await ask("app", context)).toEqual({ is: "error", because });
    expect(await systemd.mark!(systemd.args.parse("app"), context)).toBe(`unknown: ${because}`);
  });
});

describe("a host that can't be asked", () => {
  test("is no verdict", async () => {
    const failure = { code: "CONNECT_LOST", message: "lost", hint: "" } as const;
    const context = answeringContext({ kind: "unknown", failure });
    expect(await ask("app", context)).toEqual({ is: "error", because: "lost" });
  });
});

test.each(["-H elsewhere", "a b", "a/b", "", { unit: "a", restartsMax: -1 }, { unit: 1 }])(
  "the schema refuses %j",
  (given) => {
    expect(systemd.args.safeParse(given).success).toBe(false);
  },
);

test("a running unit never covers a surface", () => {
  expect(systemd.unproved(systemd.args.parse("app"))).toMatchObject({ suggestion: null });
});
