import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { z } from "zod";
import { execFileSync } from "./bounded-process.ts";

// A registry on this machine that has exactly the packages of our lock file, packed from where they are
// installed: what `npm install` of our tarball asks for, without any other machine.

const lock = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string().optional(), dev: z.boolean().optional() }),
  ),
});

export interface Registry extends AsyncDisposable {
  readonly url: string;
}

export async function npmRegistry(root: string): Promise<Registry> {
  const { packages } = lock.parse(
    JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")),
  );
  const folders = Object.entries(packages)
    .filter(([path, { dev }]) => path !== "" && dev !== true && existsSync(join(root, path)))
    .map(([path]) => join(root, path));
  const byName = Map.groupBy(folders, (folder) =>
    folder.slice(folder.lastIndexOf("node_modules/") + 13),
  );
  const tarballs = new Map<string, Buffer>();
  let url = "";

  function document(name: string): string | null {
    const found = byName.get(name);
    if (found === undefined) return null;
    const versions = found.map((folder) => {
      const manifest: { version: string } = JSON.parse(
        readFileSync(join(folder, "package.json"), "utf8"),
      );
      const file = `${name.replace("/", "-")}-${manifest.version}.tgz`;
      const bytes = tarballs.get(file) ?? packed(folder);
      tarballs.set(file, bytes);
      const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
      return { ...manifest, dist: { tarball: `${url}/-/${file}`, integrity } };
    });
    const newest = versions.at(-1)!.version;
    return JSON.stringify({
      name,
      "dist-tags": { latest: newest },
      versions: Object.fromEntries(versions.map((it) => [it.version, it])),
    });
  }

  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "/").slice(1);
    const body = path.startsWith("-/") ? tarballs.get(path.slice(2)) : document(path);
    if (body == null) response.writeHead(404).end("{}");
    else response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  return {
    url,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** As npm packs: everything in a folder called package. */
function packed(folder: string): Buffer {
  const words = [
    "-czf",
    "-",
    "--exclude=./node_modules",
    "--transform=s,^\\.,package,",
    "-C",
    folder,
    ".",
  ];
  return execFileSync("tar", words, { maxBuffer: 256 * 1024 * 1024 });
}
