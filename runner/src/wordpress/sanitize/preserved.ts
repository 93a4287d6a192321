export interface PreserveSettings {
  readonly schema: string;
  readonly prefix: string;
  readonly keepOptions: readonly string[];
  readonly keepUsers: 'administrators' | readonly string[];
}

/** Rows of the former staging that outlive a sync. Texts as base64 of their UTF-8 bytes would hold: plain JSON. */
export interface PreservedRows {
  readonly version: 2;
  /** False for a staging that had no WordPress yet: then nothing is removed from the copy either. */
  readonly existed: boolean;
  readonly options: readonly {
    readonly table: string;
    readonly name: string;
    readonly value: string;
    readonly autoload: string;
  }[];
  readonly users: readonly {
    /** The site file names the user, or no sync brought it. False: nobody recorded who came from where. */
    readonly isOwn: boolean;
    readonly row: Readonly<Record<string, string | null>>;
    readonly meta: readonly { readonly key: string; readonly value: string | null }[];
  }[];
  /** Logins of the network's super administrators. */
  readonly superAdmins: readonly string[];
}
