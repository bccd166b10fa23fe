import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fill, hostVariables, namesIn, substitute } from "../../src/core/variables.ts";

const variables = { home: "/srv/alma", name: "ap01", secret_token: "s3cret" };

describe("substitute", () => {
  test.each([
    ["${home}/tmp", "/srv/alma/tmp"],
    ["${home}${name}", "/srv/almaap01"],
    ["$${home}", "${home}"],
    ["$home", "$home"],
    ["$$", "$$"],
    ["${secret.token}", "s3cret"],
    ["${secret_token}", "s3cret"],
    ["no names", "no names"],
    ["{home}", "{home}"],
  ])("%j becomes %j", (text, filled) => {
    expect(substitute(text, variables)).toBe(filled);
  });

  test("reaches every text of lists and mappings, and no key, number or truth", () => {
    const value = { "${name}": ["${name}", 5, true, null, { deep: "${home}" }] };
    const filled = { "${name}": ["ap01", 5, true, null, { deep: "/srv/alma" }] };
    expect(substitute(value, variables)).toEqual(filled);
  });

  test("never looks through a value that it put in", () => {
    expect(substitute("${a}", { a: "${b} $${b} $(id)", b: "no" })).toBe("${b} $${b} $(id)");
  });

  test.each(["${nothing}", "${}", "${constructor}", "${__proto__}", "${secret.other}"])(
    "throws for %j, which nobody declared",
    (text) => {
      expect(() => substitute(text, variables)).toThrow("no variable is named");
    },
  );

  test("loses nothing and invents nothing: the text between names stays, each name gives its value", () => {
    const plain = fc.string().filter((text) => !/[${}]/.test(text));
    const name = fc.constantFrom("a", "b", "c_1");
    fc.assert(
      fc.property(
        fc.array(fc.tuple(plain, name)),
        plain,
        fc.record({ a: fc.string(), b: fc.string(), c_1: fc.string() }),
        (parts, end, values) => {
          const text = parts.map(([before, one]) => `${before}\${${one}}`).join("") + end;
          const filled = parts.map(([before, one]) => before + values[one]).join("") + end;
          expect(substitute(text, values)).toBe(filled);
        },
      ),
    );
  });

  test("without names, any text but an escaped one stays as it is", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!/\$\{[^{}]*\}/.test(text));
        expect(substitute(text, {})).toBe(text);
      }),
    );
  });
});

test("namesIn gives each name once, and no literal one", () => {
  const value = { url: "http://${address}:${port}/${name}", note: ["$${literal}", "${port}"] };
  expect(namesIn(value)).toEqual(["address", "port", "name"]);
});

test("fill leaves a name that has no value, and says so", () => {
  expect(fill("${a} ${b}", (name) => (name === "a" ? "1" : null))).toEqual({
    text: "1 ${b}",
    unknown: ["b"],
  });
});

test("hostVariables gives a host's own values, and the instance's where it has none", () => {
  const instance = { variables: { host: "cn01-a" }, byHost: { "cn01-b": { host: "cn01-b" } } };
  expect(hostVariables(instance, { name: "cn01-a" })).toEqual({ host: "cn01-a" });
  expect(hostVariables(instance, { name: "cn01-b" })).toEqual({ host: "cn01-b" });
});
