import type { Host } from "./plan/inventory.ts";

/** Values by name. `secret_NAME` holds a secret, and is added only where something is about to run. */
export type Variables = Readonly<Record<string, string>>;

/** No value grows beyond this, however often variables name each other. */
export const valueLengthMax = 64 * 1024;

const reference = /\$?\$\{([^{}]*)\}/g;

/**
 * The same data with `${name}` replaced in every text (not in keys). `$${name}` is a literal
 * `${name}`; `${secret.token}` is the variable `secret_token`. Values are put in once and never
 * looked through again, so a value that holds `${…}` stays what it is. An unknown name throws:
 * the plan's review has found every one of them before anything runs.
 */
export function substitute<T>(value: T, variables: Variables): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same shape: only strings differ
  return substituteAny(value, variables) as T;
}

/** Names between `${` and `}` in any text of this data, each once, in order. `$${name}` is none. */
export function namesIn(value: unknown): readonly string[] {
  const names = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node === "string") fill(node, (name) => (names.add(name), ""));
    else if (typeof node === "object" && node !== null) Object.values(node).forEach(visit);
  };
  visit(value);
  return [...names];
}

/** One text with its references looked up; `null` from the lookup leaves the reference and names it. */
export function fill(
  text: string,
  lookup: (name: string) => string | null,
): { readonly text: string; readonly unknown: readonly string[] } {
  const unknown: string[] = [];
  const filled = text.replace(reference, (whole: string, name: string) => {
    if (whole.startsWith("$$")) return whole.slice(1);
    const value = lookup(name);
    if (value !== null) return value;
    unknown.push(name);
    return whole;
  });
  return { text: filled, unknown };
}

/** The value of a name as plans write it; null when there is none. */
export function valueOf(name: string, variables: Variables): string | null {
  const key = name.startsWith("secret.") ? `secret_${name.slice("secret.".length)}` : name;
  return Object.hasOwn(variables, key) ? (variables[key] ?? null) : null;
}

/** What `${name}` says on one host of an instance: `host`, `address`, `user` and `port` are its own. */
export function hostVariables(
  instance: {
    readonly variables: Variables;
    readonly byHost?: Readonly<Record<string, Variables>>;
  },
  host: Pick<Host, "name">,
): Variables {
  return instance.byHost?.[host.name] ?? instance.variables;
}

/** Stand-ins for previews and reviews, which must never see a secret's value. */
export function secretStandIns(names: readonly string[]): Variables {
  return Object.fromEntries(names.map((name) => [`secret_${name}`, `[secret ${name}]`]));
}

function substituteAny(value: unknown, variables: Variables): unknown {
  if (typeof value === "string") {
    const { text, unknown } = fill(value, (name) => valueOf(name, variables));
    if (unknown.length > 0) throw new Error(`no variable is named "${unknown[0]}" in "${value}"`);
    return text;
  }
  if (Array.isArray(value)) return value.map((item) => substituteAny(item, variables));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, substituteAny(inner, variables)]),
  );
}
