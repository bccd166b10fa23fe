import { describe, expect, test } from "vitest";
import { HandrailError } from "../../src/core/failure.ts";
import type { SecretSource } from "../../src/core/plan/plan.ts";
import { resolveSecrets, secretBytesMax } from "../../src/sources/secrets.ts";

const order = { folder: "/", environment: { TOKEN: "s3cret", EMPTY: "" } };

test("values come from commands and from the environment", async () => {
  const secrets = {
    token: { env: "TOKEN" },
    printed: { command: ["printf", "%s\\n", "a b $(id) \n"] },
    crlf: { command: ["printf", "x\\r\\n"] },
  };
  expect(await resolveSecrets(secrets, order)).toEqual({
    token: "s3cret",
    printed: "a b $(id) \n",
    crlf: "x",
  });
});

describe("a secret that can't be had", () => {
  const cases: readonly (readonly [string, SecretSource, string])[] = [
    ["is not set", { env: "OTHER" }, 'the environment variable "OTHER" is not set'],
    ["is empty", { env: "EMPTY" }, 'the environment variable "EMPTY" is empty'],
    ["is no name of Object's own", { env: "constructor" }, 'variable "constructor" is not set'],
    [
      "has no program",
      { command: ["no-such-program"] },
      'the program "no-such-program" can\'t be found',
    ],
    [
      "ends with an error",
      { command: ["sh", "-c", "echo half-a-secret; echo half-a-secret >&2; exit 3"] },
      'the program "sh" ended with 3',
    ],
    ["is killed", { command: ["sh", "-c", "kill -9 $$"] }, 'the program "sh" was ended by SIGKILL'],
    ["prints nothing", { command: ["true"] }, 'the program "true" printed nothing'],
    [
      "prints too much",
      { command: ["head", "-c", String(secretBytesMax + 1), "/dev/zero"] },
      "printed more than 65536 bytes",
    ],
    ["prints a zero byte", { command: ["printf", "a\\000b"] }, "holds a zero byte"],
    ["prints what is no text", { command: ["printf", "\\377"] }, "is not UTF-8 text"],
  ];

  test.each(cases)("%s", async (_what, source, because) => {
    const failing = resolveSecrets({ token: source }, order);
    await expect(failing).rejects.toThrow(HandrailError);
    const failure = await failing.catch((error: unknown) =>
      error instanceof HandrailError ? error.failure : error,
    );
    expect(failure).toMatchObject({ code: "SECRET_UNAVAILABLE" });
    expect(failure).toHaveProperty(
      "message",
      expect.stringContaining(`the secret "token" can't be had`),
    );
    expect(failure).toHaveProperty("message", expect.stringContaining(because));
    expect(JSON.stringify(failure)).not.toContain("half-a-secret");
  });
});
