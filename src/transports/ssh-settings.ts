/**
 * What ssh transports take from their surroundings. Everything that depends on the person or the
 * machine comes in here, so that two transports in one process can live in different worlds.
 */
export interface SshSettings {
  /** The folder that `~` means, an absolute path. */
  readonly home: string;
  /** The user who logs in where neither inventory nor config names one. */
  readonly userName: string;
  /** ssh_config(5) files, the strongest first; those that are not there are passed over. */
  readonly configFiles: readonly string[];
  /** The only known_hosts files to believe; null: those that the config names, else the usual ones. */
  readonly knownHostsFiles: readonly string[] | null;
  /** Socket of ssh-agent(1); null: none. */
  readonly agentSocket: string | null;
  /** Where private folders for sockets and logs are made. */
  readonly tempFolder: string;
  /** Environment of the programs that are started. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A path as people write it in an inventory or a config file, with `~` meaning `home`. */
export function expandHome(path: string, home: string): string {
  if (path === "~") return home;
  return path.startsWith("~/") ? `${home}/${path.slice(2)}` : path;
}
