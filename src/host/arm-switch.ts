import { Buffer } from "node:buffer";
import type { Answer } from "../core/answer.ts";
import type { ArmOrder, ArmResult, DisarmResult } from "../ports/dead-man-switch.ts";
import type { GuardCommand } from "../ports/guard-command.ts";
import { firedOf } from "./fired.ts";
import { type Frame, ProtocolError } from "./frames.ts";
import { rulesText } from "./restore-trees.ts";
import { runRequest, type RunRequest } from "./run-command.ts";
import { askGuard, plainName, type Session } from "./session.ts";
import { command, shellBytes, type ShellText, word } from "./shell-text.ts";

/** See `Guard.arm`. Always brings everything along: the process of an armed switch may have died. */
export async function armSwitch(session: Session, order: ArmOrder): Promise<Answer<ArmResult>> {
  const commands = [...(order.undo === null ? [] : [order.undo]), ...order.recover];
  const requests = commands.map((each) => switchRequest(session, each));
  const orders = shellBytes(ordersText(order, commands, requests));
  const rules = rulesText(order.rules);
  const files = requests.map((each) => Buffer.concat(each.files));
  const request = command(
    "arm",
    plainName(order.key),
    session.epoch,
    Math.max(1, Math.ceil(order.leaseMs / 10)),
    orders.length,
    rules.length,
    ...requests.flatMap(({ program }, at) => [program.length, files[at]!.length]),
  );
  const payload = [orders, rules, ...requests.flatMap(({ program }, at) => [program, files[at]!])];
  const asked = await askGuard(session, request, payload);
  if (asked.kind !== "result") return asked;
  if (asked.value.kind === "refused") return { kind: "result", value: asked.value };
  if (asked.value.frames.some((frame) => frame.kind === "ARMED"))
    return { kind: "result", value: { kind: "armed" } };
  return { kind: "result", value: decisionOf(asked.value.frames, session) };
}

/** See `Guard.disarm`. */
export async function disarmSwitch(session: Session, key: string): Promise<Answer<DisarmResult>> {
  const asked = await askGuard(session, command("disarm", plainName(key), session.epoch));
  if (asked.kind !== "result") return asked;
  if (asked.value.kind === "refused") return { kind: "result", value: asked.value };
  return { kind: "result", value: decisionOf(asked.value.frames, session) };
}

/** A switch acts for no runner: whoever has the host by then, nothing but it may go back. */
function switchRequest(session: Session, order: GuardCommand): RunRequest {
  return runRequest(
    { ...session, epoch: "" },
    { ...order, snapshot: null, armed: null, readOnly: [] },
  );
}

/** Text that sets what the switch's process has to know; kept in its memory alone. */
function ordersText(
  order: ArmOrder,
  commands: readonly GuardCommand[],
  requests: readonly RunRequest[],
): ShellText {
  const undos = order.undo === null ? 0 : 1;
  return [
    `order_receipt=${word(plainName(order.receipt))} order_count=${commands.length} order_undo=${undos}`,
    ...requests.map(({ request, environment }, at) => {
      const name = `order_${at + 1}`;
      const key = word(plainName(commands[at]!.key));
      return `${name}_key=${key} ${name}_request=${word(shellBytes(request))} ${name}_environment=${word(environment)}`;
    }),
    ":",
  ].join("\n");
}

function decisionOf(frames: readonly Frame[], session: Session): Exclude<DisarmResult, Refused> {
  if (frames.some((frame) => frame.kind === "DISARMED")) return { kind: "disarmed" };
  if (frames.some((frame) => frame.kind === "FIRED"))
    return { kind: "fired", fired: firedOf(frames, session.host) };
  throw new ProtocolError("a switch of no state");
}

type Refused = { readonly kind: "refused" };
