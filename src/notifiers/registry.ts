import type { NotifierKind } from "../ports/notifier.ts";
import { command } from "./command.ts";
import { email } from "./email.ts";
import { slack } from "./slack.ts";
import { webhook } from "./webhook.ts";

/** Every way to tell somebody of a turn of the rollout. */
export const notifierKinds = [webhook, slack, email, command] as const;

/** The kind of this name; null when there is none. */
export function notifierKind(name: string): NotifierKind | null {
  return notifierKinds.find((kind) => kind.name === name) ?? null;
}
