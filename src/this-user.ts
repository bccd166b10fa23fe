import { homedir, userInfo } from "node:os";
import { isAbsolute } from "node:path";

/** Who runs this process. Never throws: where nobody knows the user's number (a container), it is the name. */
export interface ThisUser {
  readonly name: string;
  /** $HOME where that is a path, as for every other program that is not ssh itself; an absolute path. */
  readonly home: string;
}

export function thisUser(): ThisUser {
  const known = entryOf(() => userInfo());
  const home = entryOf(() => homedir()) ?? "";
  return {
    name: known?.username ?? String(process.getuid?.() ?? "unknown"),
    // An empty or relative $HOME would have ~/.ssh read in whatever folder this was started.
    home: isAbsolute(home) ? home : (known?.homedir ?? "/"),
  };
}

/** null: the user has no entry in passwd(5), of which Node makes an error. */
function entryOf<T>(look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_SYSTEM_ERROR") return null;
    throw error;
  }
}
