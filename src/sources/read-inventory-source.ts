import { basename, join } from "node:path";
import { fromAnsible } from "../core/plan/ansible.ts";
import type { InventorySource } from "../core/plan/plan.ts";
import { quoted } from "../core/plan/quoted.ts";
import { isMapping, valueAt } from "../core/plan/raw.ts";
import {
  decodeSource,
  readSource,
  sourceBytesMax,
  sourceOfValue,
  type Source,
} from "../core/plan/source.ts";
import type { Problem } from "../core/plan/problem.ts";
import { nearbyFile } from "./nearby-file.ts";
import { readBytes } from "./read-bytes.ts";
import { runProgram } from "./run-program.ts";

/** A program that prints an inventory may take this long. */
const programTimeoutMs = 60_000;

/** An inventory's document, problems of its text, or why there is none, as one sentence. */
export type InventoryRead =
  | { readonly source: Source }
  | { readonly problems: readonly Problem[] }
  | { readonly message: string; readonly suggestion: string | null };

/** Reads an inventory from wherever the plan says; files and programs start at the plan's folder. */
export async function readInventorySource(
  from: InventorySource,
  folder: string,
): Promise<InventoryRead> {
  if ("file" in from) return readFile(join(folder, from.file));
  if ("command" in from) return readCommand(from.command, folder);
  return readAnsible(from.ansible, folder);
}

/** The same for a file that was named on the command line. */
export async function readFile(file: string): Promise<InventoryRead> {
  const read = await readBytes(file, sourceBytesMax);
  if ("trouble" in read)
    return {
      message: `the inventory ${quoted(file)} ${read.trouble}`,
      suggestion: await nearbyFile(file),
    };
  const text = readText(file, read.bytes);
  if (isAnsibles(text, read.bytes))
    return {
      message: `${quoted(file)} is an inventory as Ansible has it, and only Ansible's own program reads those`,
      suggestion: `in the plan it is \`inventory: { ansible: ${basename(file)} }\`; --inventory takes a listing of it: ${listingWords(basename(file))}`,
    };
  return fromListing(basename(file), text);
}

/** Is it INI with a group at its head, or YAML with the group that Ansible puts all others in? */
function isAnsibles(read: InventoryRead, bytes: Uint8Array): boolean {
  if ("source" in read && isMapping(read.source.value)) {
    const { value } = read.source;
    const all = valueAt(value, ["all"]);
    const isGroup = isMapping(all) && (isMapping(all["hosts"]) || isMapping(all["children"]));
    return isGroup && !("handrail" in value) && !("_meta" in value);
  }
  // The manual's form: https://docs.ansible.com/ansible/latest/inventory_guide/intro_inventory.html
  return /^(?:[ \t]*(?:[#;].*)?\r?\n)*\[[\w.-]+(?::\w+)?\]/.test(new TextDecoder().decode(bytes));
}

/** How a listing of it is made: the same that is read through Ansible's program. */
function listingWords(file: string): string {
  return `ansible-inventory -i ${file} --list >listing.json`;
}

async function readCommand(argv: readonly string[], folder: string): Promise<InventoryRead> {
  const shown = `inventory command ${quoted(argv.join(" "))}`;
  const limits = { cwd: folder, timeoutMs: programTimeoutMs, outputMax: sourceBytesMax };
  const run = await runProgram({ argv, ...limits });
  switch (run.kind) {
    case "missing":
      return { message: `the ${shown} can't be found`, suggestion: null };
    case "failed":
      return { message: `the ${shown} ${run.trouble}`, suggestion: said(run.stderr) };
    case "printed":
      return fromListing(basename(argv[0] ?? ""), readText(shown, run.stdout));
  }
}

/** What `ansible-inventory --list` printed, into a file or by a command, is an inventory, too. */
function fromListing(name: string, read: InventoryRead): InventoryRead {
  if (!("source" in read)) return read;
  const { file, value } = read.source;
  const inventory = fromAnsible(nameOf(name), value);
  return inventory === null ? read : { source: sourceOfValue(file, inventory) };
}

/** Of an inventory that has none of its own: the file's, without its ending. */
function nameOf(file: string): string {
  return file.replace(/\.[a-z]+$/, "");
}

async function readAnsible(file: string, folder: string): Promise<InventoryRead> {
  const argv = ["ansible-inventory", "-i", join(folder, file), "--list"];
  const limits = { cwd: folder, timeoutMs: programTimeoutMs, outputMax: sourceBytesMax };
  const run = await runProgram({ argv, ...limits });
  switch (run.kind) {
    case "missing":
      return {
        message: `the Ansible inventory ${quoted(file)} is read by the program "ansible-inventory", which is not installed here`,
        suggestion: `install ansible-core here, or name a listing that was made where it is: ${listingWords(file)}`,
      };
    case "failed":
      return { message: `"ansible-inventory" ${run.trouble}`, suggestion: said(run.stderr) };
    case "printed": {
      const shown = argv.join(" ");
      const read = readText(shown, run.stdout);
      if (!("source" in read)) return read;
      const value = fromAnsible(nameOf(basename(file)), read.source.value);
      if (value === null)
        return { message: `${quoted(shown)} printed no inventory`, suggestion: null };
      return { source: sourceOfValue(shown, value) };
    }
  }
}

function readText(file: string, bytes: Uint8Array): InventoryRead {
  const text = decodeSource(file, bytes);
  if (typeof text !== "string") return { problems: [text] };
  const read = readSource(file, text);
  return read.source === null ? { problems: read.problems } : { source: read.source };
}

function said(stderr: string): string | null {
  return stderr === "" ? null : `it said ${quoted(stderr)}`;
}
