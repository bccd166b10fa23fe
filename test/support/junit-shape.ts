import { convert } from "xmlbuilder2";
import { z } from "zod";

// What the schemas of Ant's JUnit task and of Jenkins' xUnit plugin both accept: the attributes that
// they demand, none that either of them does not know, and the parts of a suite in their order.

const count = z.string().regex(/^\d+$/);
const time = z.string().regex(/^\d+\.\d{3}$/);
const text = z.string().refine((value) => !illegal.test(value), "characters that XML forbids");

/** Everything outside `Char` of XML 1.0. */
const illegal = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

const list = <T extends z.ZodType>(one: T) =>
  z.preprocess(
    (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]),
    z.array(one),
  );

const trouble = z.strictObject({ "@message": text, "@type": z.string().min(1), "#": text });

const testcase = z
  .strictObject({
    "@name": z.string().min(1),
    "@classname": z.string().min(1),
    "@time": time,
    skipped: z.strictObject({ "@message": text }).optional(),
    failure: trouble.optional(),
    error: trouble.optional(),
  })
  .refine(
    ({ skipped, failure, error }) =>
      [skipped, failure, error].filter((it) => it !== undefined).length <= 1,
    "one end each",
  );

const testsuite = z.strictObject({
  "@name": z.string().min(1),
  "@package": z.string(),
  "@id": count,
  "@timestamp": z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/),
  "@hostname": z.string().min(1),
  "@tests": count,
  "@failures": count,
  "@errors": count,
  "@skipped": count,
  "@time": time,
  properties: z.strictObject({}),
  testcase: list(testcase),
  "system-out": z.strictObject({}),
  "system-err": z.strictObject({}),
});

const document = z.strictObject({ testsuites: z.strictObject({ testsuite: list(testsuite) }) });

export type JunitTestsuite = z.infer<typeof testsuite>;

/** Reads a JUnit file; throws where it is not of that shape, or counts what is not in it. */
export function readJunit(xml: string): readonly JunitTestsuite[] {
  if (illegal.test(xml)) throw new Error("characters that XML forbids");
  const { testsuites } = document.parse(convert(xml, { format: "object" }));
  for (const suite of testsuites.testsuite) {
    const keys = Object.keys(suite).filter((key) => !key.startsWith("@"));
    if (keys.join(" ") !== "properties testcase system-out system-err")
      throw new Error(`parts out of order: ${keys.join(" ")}`);
    const said = [suite["@tests"], suite["@failures"], suite["@errors"], suite["@skipped"]];
    const all = suite.testcase;
    const there = [
      all.length,
      all.filter((it) => it.failure !== undefined).length,
      all.filter((it) => it.error !== undefined).length,
      all.filter((it) => it.skipped !== undefined).length,
    ];
    if (said.join() !== there.join())
      throw new Error(`it counts ${said.join()}, and has ${there.join()}`);
  }
  return testsuites.testsuite;
}

/** `cn.cn01 2 clear: failure REGENERATION_LATE` for each case that did not pass. */
export function notPassed(suites: readonly JunitTestsuite[]): readonly string[] {
  return suites.flatMap(({ testcase: cases }) =>
    cases.flatMap((it) => {
      const where = `${it["@classname"]} ${it["@name"]}`;
      if (it.failure !== undefined) return [`${where}: failure ${it.failure["@type"]}`];
      if (it.error !== undefined) return [`${where}: error ${it.error["@type"]}`];
      return it.skipped === undefined ? [] : [`${where}: skipped, ${it.skipped["@message"]}`];
    }),
  );
}
