import { redactor } from "../../../src/core/redact.ts";
import { stepKind } from "../../../src/steps/registry.ts";

/** What most tests of a performer don't look at: no secrets, no files, nothing is sent. */
export const quietParts = {
  stepKind,
  sendHttp: () => Promise.reject(new Error("no step here sends anything")),
  files: () => [],
  secrets: {},
  redactor: redactor({}),
  confirm: () => Promise.resolve(),
  holder: "somebody",
  controllerSpool: "/var/lib/controller",
};
