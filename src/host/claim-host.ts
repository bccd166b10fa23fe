import { Buffer } from "node:buffer";
import type { Answer } from "../core/answer.ts";
import type { Claim, ClaimOrder } from "../ports/guard.ts";
import { frameOf, askGuard, type Session } from "./session.ts";
import { command, inOneLine } from "./shell-text.ts";

/** Of a lock whose runner does not say. */
const usualLeaseMs = 60_000;

/** See Guard.claim. */
export async function claimHost(session: Session, order: ClaimOrder): Promise<Answer<Claim>> {
  const lease = String(Math.max(1, Math.ceil((order.leaseMs ?? usualLeaseMs) / 10)));
  const request = command(
    "claim",
    inOneLine(order.holder),
    String(order.epoch),
    lease,
    inOneLine(order.message ?? ""),
  );
  const doubts: unknown[] = [];
  const confirm = async (): Promise<void> => {
    await Promise.resolve(order.confirm?.()).catch((error: unknown) => doubts.push(error));
    await session.line.send(Buffer.from(doubts.length === 0 ? "keep\n" : "give-back\n"));
  };
  const confirming: Promise<void>[] = [];
  const asked = await askGuard(session, request, [], ({ kind }) => {
    if (kind === "MADE" && confirming.length === 0) confirming.push(confirm());
  });
  await Promise.all(confirming);
  if (doubts.length > 0) throw doubts[0];
  if (asked.kind !== "result") return asked;
  if (asked.value.kind === "refused") return { kind: "result", value: asked.value };
  frameOf(asked.value.frames, "GRANTED");
  return { kind: "result", value: { kind: "granted" } };
}
