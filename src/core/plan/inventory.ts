/** An inventory after parsing: ranges expanded, defaults merged in, plain JSON data. */
export interface Inventory {
  readonly name: string;
  readonly production: boolean;
  /** Where hosts keep snapshots and receipts: an absolute path. */
  readonly spool: string;
  /** In rollout order. */
  readonly regions: readonly Region[];
}

export interface Region {
  readonly name: string;
  /** IANA name; null: reports speak UTC only. */
  readonly timezone: string | null;
  readonly maintenance: readonly string[];
  readonly instances: readonly Instance[];
}

export interface Instance {
  readonly name: string;
  readonly region: string;
  /** The value of the range that made it, as written: "02"; null where there was no range. */
  readonly index: string | null;
  readonly labels: Readonly<Record<string, string>>;
  /** At least one. An instance without `hosts` has one host of its own name. */
  readonly hosts: readonly Host[];
  /** Defaults, region and instance merged: what `${name}` can say, before the plan's own vars. */
  readonly vars: Readonly<Record<string, string>>;
}

export interface Host {
  readonly name: string;
  readonly address: string;
  /** A name in the transport registry. */
  readonly via: string;
  /** null: whatever ssh would use. */
  readonly user: string | null;
  readonly port: number | null;
  readonly identity: string | null;
  /** The user that steps run as, through `sudo -n`; null: the login user. */
  readonly become: string | null;
  readonly spool: string;
}
