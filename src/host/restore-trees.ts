import { Buffer } from "node:buffer";
import type { Answer } from "../core/answer.ts";
import type { RestoreRule } from "../core/effects.ts";
import { pathBytes, pathText } from "../core/path-text.ts";
import { printable } from "../core/printable.ts";
import type { Listed } from "../ports/dead-man-switch.ts";
import type { RestoreOrder, RestoreResult } from "../ports/guard.ts";
import { fieldsOf, type Frame, numberOf, ProtocolError } from "./frames.ts";
import { askGuard, frameOf, plainName, type Session } from "./session.ts";
import { command } from "./shell-text.ts";

/** Paths of each kind that are taken from an answer; the rest is counted. */
const pathsMax = 1_000;

/** Characters of what a host says about one path. */
const messageMax = 300;

/** What was put back, as both a restore and a switch that fired tell it. */
export type Restored = Omit<Extract<RestoreResult, { readonly kind: "restored" }>, "kind">;

export async function restoreTrees(
  session: Session,
  order: RestoreOrder,
): Promise<Answer<RestoreResult>> {
  const rules = rulesText(order.rules);
  const asked = await askGuard(
    session,
    command("restore", plainName(order.key), session.epoch, order.later, rules.length),
    [rules],
  );
  if (asked.kind !== "result") return asked;
  if (asked.value.kind === "refused") return { kind: "result", value: asked.value };
  return { kind: "result", value: { kind: "restored", ...restoredOf(asked.value.frames) } };
}

/** Rules as `put_back` reads them: "how path" lines, with a zero byte for a newline in a path. */
export function rulesText(rules: readonly RestoreRule[]): Uint8Array {
  const lines = rules.map(({ how, path }) => {
    const bytes = Buffer.from(pathBytes(path));
    if (bytes.includes(0)) throw new Error(`"${path}" has a zero byte, which no path has`);
    return Buffer.concat([
      Buffer.from(`${how} `),
      bytes.map((byte) => (byte === 0x0a ? 0 : byte)),
      Buffer.from("\n"),
    ]);
  });
  return Buffer.concat(lines);
}

/** What the frames of `put_back` say. */
export function restoredOf(frames: readonly Frame[]): Restored {
  const [restored] = fieldsOf(frameOf(frames, "RESTORED"));
  const [failedTotal, ...failed] = fieldsOf(frameOf(frames, "FAILED"));
  if (failed.length % 2 !== 0) throw new ProtocolError("a path that failed for no reason");
  return {
    restored: numberOf(restored?.toString("latin1")),
    conflicts: listedOf(frameOf(frames, "CONFLICT")),
    setAside: listedOf(frameOf(frames, "ASIDE")),
    failedTotal: numberOf(failedTotal?.toString("latin1")),
    failed: failed.slice(0, pathsMax * 2).flatMap((path, at) => {
      const message = printable(failed[at + 1] ?? "", { max: messageMax });
      return at % 2 === 0 ? [{ path: pathText(path), message }] : [];
    }),
  };
}

function listedOf(frame: Frame): Listed {
  const [total, ...paths] = fieldsOf(frame);
  return {
    total: numberOf(total?.toString("latin1")),
    paths: paths.slice(0, pathsMax).map(pathText),
  };
}
