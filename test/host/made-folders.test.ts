import { expect, test } from "vitest";
import type { RestoreRule } from "../../src/ports/guard.ts";
import { describeWithShells, ShellHost, valueOf } from "./support/shell-hosts.ts";

const key = "web01.1";

describeWithShells((userland) => {
  test("a made folder goes when nothing is left in it, and one with something of others stays", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("mkdir kept; echo x >kept/gone");
    const guard = await host.open();
    const paths = ["new", "full", "kept"].map((name) => ({
      path: `${host.tree}/${name}`,
      content: true,
    }));
    valueOf(await guard.snapshot({ key, paths, reserveBytes: 0 }));
    host.sh(
      "mkdir -p new/in full/in kept/made/deep kept/full; echo 1 >new/in/mine; echo 2 >full/in/mine",
    );
    host.sh("echo theirs >full/in/theirs; mkdir kept/full/theirs; rm kept/gone");
    valueOf(await guard.compare({ key, changesMax: 100, moment: "after-step" }));
    const rule = (name: string, how: RestoreRule["how"]): RestoreRule => ({
      path: `${host.tree}/${name}`,
      how,
    });
    const rules = [
      rule("full", "made"),
      rule("full/in", "made"),
      rule("full/in/mine", "exactly"),
      rule("kept", "deleted"),
      rule("kept/full", "made"),
      rule("kept/made", "made"),
      rule("kept/made/deep", "made"),
      rule("new", "made"),
      rule("new/in", "made"),
      rule("new/in/mine", "exactly"),
    ];
    const result = valueOf(await guard.restore({ key, rules, later: "keep" }));
    expect(result).toMatchObject({ kind: "restored", restored: 7, failed: [] });
    expect(result).toMatchObject({ conflicts: { total: 0 }, setAside: { total: 0 } });
    expect(host.sh("find . | sort")).toBe(
      "./full\n./full/in\n./full/in/theirs\n./kept\n./kept/full\n./kept/full/theirs\n./kept/gone\n".replace(
        /^/,
        ".\n",
      ),
    );
    const again = valueOf(await guard.restore({ key, rules, later: "keep" }));
    expect(again).toMatchObject({ restored: 0, failed: [] });
  });

  test("of a folder that was there a rule for made folders takes nothing, nor of what a link leads to", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("mkdir -p tree/old other; echo x >tree/old/gone");
    const guard = await host.open();
    const paths = [{ path: `${host.tree}/tree`, content: true }];
    valueOf(await guard.snapshot({ key, paths, reserveBytes: 0 }));
    host.sh("rm tree/old/gone; ln -s ../other tree/swapped; touch tree/file");
    const rules: readonly RestoreRule[] = [
      { path: `${host.tree}/tree`, how: "leave" },
      ...["old", "swapped", "file", "never"].map((name) => ({
        path: `${host.tree}/tree/${name}`,
        how: "made" as const,
      })),
    ];
    expect(valueOf(await guard.restore({ key, rules, later: "replace" }))).toMatchObject({
      restored: 0,
      failed: [],
      conflicts: { total: 0 },
    });
    expect(host.sh("find . | sort")).toBe(
      ".\n./other\n./tree\n./tree/file\n./tree/old\n./tree/swapped\n",
    );
  });
});
