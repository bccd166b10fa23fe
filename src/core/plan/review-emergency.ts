import { durationText } from "./durations.ts";
import type { Bake } from "./plan.ts";
import type { Reviewed } from "./reviewed.ts";

const keys = [
  ["settle", "settleMs"],
  ["stable", "stableMs"],
  ["retry", "retryMs"],
] as const satisfies readonly (readonly [string, keyof Bake])[];

/** What a plan declares for an emergency must shorten something, in every region. */
export function reviewEmergency({ plan: read }: Reviewed): void {
  const { emergency, bake, bakeFirst } = read.plan!.rollout;
  if (emergency === undefined) return;
  const path = ["rollout", "emergency", "bake"];
  if (Object.keys(emergency.bake).length === 0)
    read.report(path, "an emergency must shorten something", "write { stable: 2m }, say");
  for (const [key, name] of keys) {
    const ms = emergency.bake[name];
    const usual = Math.min(bake[name], bakeFirst[name]);
    if (ms === undefined || ms < usual) continue;
    const message = `${key} of an emergency is ${durationText(ms)}, which is not shorter than ${durationText(usual)}, as it is anyway`;
    read.report([...path, key], message, "write less, or leave it out");
  }
  const { untilMs } = emergency.bake;
  if (untilMs === undefined) return;
  const where = [...path, "until", "time"];
  const times = [bake, bakeFirst].flatMap(({ until }) => until?.timeMs ?? []);
  const usual = Math.min(...times);
  if (times.length === 0) {
    read.report(where, "no bake of this plan has an `until` that it could shorten", "leave it out");
  } else if (untilMs >= usual) {
    const message = `until of an emergency is ${durationText(untilMs)}, which is not shorter than ${durationText(usual)}, as it is anyway`;
    read.report(where, message, "write less, or leave it out");
  }
}
