import { glob, readFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { parse, type Line } from "ssh-config";
import { expandHome } from "../ssh-settings.ts";

/** ssh_config(5) read into a tree: what to set, and what holds only for some hosts. */
export type ConfigNode =
  | { readonly kind: "set"; readonly key: string; readonly words: readonly string[] }
  | { readonly kind: "host"; readonly patterns: readonly string[]; readonly body: ConfigTree }
  | { readonly kind: "match"; readonly words: readonly string[]; readonly body: ConfigTree }
  /** A file that another one includes, where it does. */
  | { readonly kind: "file"; readonly body: ConfigTree };

export type ConfigTree = readonly ConfigNode[];

/** As in OpenSSH's readconf.c. */
const includeDepthMax = 16;

/** Reads the files in order; those that are not there count as empty. */
export async function readConfigFiles(files: readonly string[], home: string): Promise<ConfigTree> {
  const nodes: ConfigNode[] = [];
  for (const file of files) nodes.push({ kind: "file", body: await readConfig(file, home, 0) });
  return nodes;
}

async function readConfig(file: string, home: string, depth: number): Promise<ConfigTree> {
  if (depth > includeDepthMax) throw new Error(`${file}: Include goes deeper than ssh allows`);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
  return treeOf(parse(text), { file, home, depth });
}

interface Place {
  readonly file: string;
  readonly home: string;
  readonly depth: number;
}

async function treeOf(lines: readonly Line[], place: Place): Promise<ConfigTree> {
  const nodes: ConfigNode[] = [];
  for (const line of lines) {
    // Comments and empty lines have no `param`.
    if (!("param" in line)) continue;
    const words = wordsOf(line.value);
    const key = line.param.toLowerCase();
    const body = "config" in line ? await treeOf(line.config, place) : [];
    if (key === "host") nodes.push({ kind: "host", patterns: words, body });
    else if (key === "match") nodes.push({ kind: "match", words, body });
    else if (key === "include") nodes.push(...(await included(words, place)));
    else nodes.push({ kind: "set", key, words });
  }
  return nodes;
}

function wordsOf(value: string | readonly { readonly val: string }[]): readonly string[] {
  return typeof value === "string" ? [value] : value.map(({ val }) => val);
}

/** Relative patterns are looked for in ~/.ssh, or beside a system-wide file. */
async function included(patterns: readonly string[], place: Place): Promise<ConfigNode[]> {
  const nodes: ConfigNode[] = [];
  for (const pattern of patterns) {
    const path = expandHome(pattern, place.home);
    const folder = place.file.startsWith("/etc/") ? dirname(place.file) : join(place.home, ".ssh");
    const files: string[] = [];
    for await (const file of glob(isAbsolute(path) ? path : join(folder, path))) files.push(file);
    for (const file of files.sort()) {
      nodes.push({ kind: "file", body: await readConfig(file, place.home, place.depth + 1) });
    }
  }
  return nodes;
}
