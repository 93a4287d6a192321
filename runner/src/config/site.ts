/**
 * A site after loading, validation and defaults: what the rest of the program works with.
 * Built by config/load/load-sites.ts from the YAML file; the raw shape is site-file.generated.ts.
 */
export type SiteType = 'wordpress' | 'php';
export type SideName = 'production' | 'staging' | 'archive';

/** Where a secret is read from at the moment it is needed. A site file never holds the secret itself. */
export type SecretReference =
  | {
      readonly source: 'credential';
      readonly id: string;
      readonly kind: CredentialKind;
      readonly env: string;
    }
  | { readonly source: 'env'; readonly env: string }
  | { readonly source: 'file'; readonly path: string };

/**
 * `env` of a credential is `UNDERSTUDY_CREDENTIAL_<ID>`, upper case, other characters as `_`.
 * secret-text: the value. username-password: `<env>_USR` and `<env>_PSW`.
 * ssh-key: `<env>` is the path of the key file, `<env>_PASSPHRASE` and `<env>_USERNAME` beside it. secret-file: a path.
 */
export type CredentialKind = 'secret-text' | 'username-password' | 'ssh-key' | 'secret-file';

export interface SshAddress {
  readonly kind: 'ssh';
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Private key; without it the runner's ssh-agent, then its default identities. */
  readonly key?: SecretReference;
  /** Pinned: `SHA256:…` fingerprints or `ssh-ed25519 AAAA…` keys. Empty: knownHosts decides. */
  readonly hostKeys: readonly string[];
  /** known_hosts file on the runner; default ~/.ssh/known_hosts. */
  readonly knownHosts?: string;
  /** Bastion that the connection goes through. */
  readonly via?: SshAddress;
  /** Finds the hosts instead of `host` (autoscaled production). */
  readonly discover?: HostDiscovery;
}
interface LocalAddress {
  readonly kind: 'local';
}
export type HostAddress = SshAddress | LocalAddress;

export type HostDiscovery =
  | { readonly kind: 'command'; readonly argv: readonly string[] }
  | { readonly kind: 'auto-scaling-group'; readonly group: string; readonly region: string }
  /** `arn` of a load balancer's target group. */
  | { readonly kind: 'target-group'; readonly arn: string }
  | { readonly kind: 'tags'; readonly tags: Readonly<Record<string, string>>; readonly region: string };

export type ServerAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'socket'; readonly path: string };

/** What the site file says about a database; for WordPress the rest comes from wp-config.php. */
export interface DatabaseSettings {
  /** The machine on which the clients (mysqldump, mysql) run. */
  readonly address: HostAddress;
  /** Container on that machine in which the clients run; undefined: on the machine itself. */
  readonly container?: string;
  readonly server?: ServerAddress;
  readonly name?: string;
  readonly user?: string;
  readonly password?: SecretReference;
  readonly prefix?: string;
  readonly charset?: string;
  /** PEM file on the runner with the authority that signed the server's certificate. */
  readonly ca?: string;
}

export interface HttpSettings {
  readonly basicAuth?: SecretReference;
  readonly headers: Readonly<Record<string, string | SecretReference>>;
  /** Address to connect to instead of what DNS says: `10.0.0.5` or `10.0.0.5:8443`. */
  readonly resolve?: string;
  /** PEM file on the runner with an additional certificate authority. */
  readonly ca?: string;
}

export interface SideSettings {
  readonly url: string;
  readonly address: HostAddress;
  /** Document root: absolute, no trailing slash, on the host (not inside a container). */
  readonly path: string;
  /** Container in which PHP runs; undefined: on the host itself. `containerPath` is the document root in there. */
  readonly container?: string;
  readonly containerPath?: string;
  /** Absolute, or `~/…` until the host was asked. */
  readonly workDir: string;
  readonly database: DatabaseSettings;
  readonly http: HttpSettings;
}

/** What a sync may take of production; undefined: as much as it can get. */
export interface ProductionLimits {
  readonly transferMegabits?: number;
  /** Megabytes of SQL per second. */
  readonly dumpMegabytes?: number;
  readonly load?: number;
  /** For the load. */
  readonly waitSeconds: number;
  readonly hours?: { readonly from: string; readonly to: string; readonly timezone: string };
}

interface ProductionSettings extends SideSettings {
  readonly limits: ProductionLimits;
}

export interface StagingSettings extends SideSettings {
  readonly sharesServer: boolean;
  readonly keepGenerations: number;
  /** Patterns of files with settings, relative to `path` or absolute. */
  readonly settings: readonly string[];
  readonly events: 'disable' | 'keep';
  readonly keepOptions: readonly string[];
  /** Logins; the default is all of staging's own administrators. */
  readonly keepUsers: 'administrators' | readonly string[];
  readonly cron: 'off' | 'keep';
  readonly scrub: ScrubMap;
  readonly blockHttp: 'auto' | boolean;
  readonly allowHttp: readonly string[];
  readonly outside: 'disable' | 'report';
  readonly maintenance?: { readonly on: readonly string[]; readonly off: readonly string[] };
  readonly admin?: { readonly user: string; readonly password: SecretReference };
  readonly portainer?: PortainerSettings;
}

export interface PortainerSettings {
  /** PEM file on the runner with the authority that signed Portainer's certificate. */
  readonly ca?: string;
  /** How long staging may take to answer again after a restart. */
  readonly waitSeconds: number;
  /** Webhook URL, secret. */
  readonly webhook?: SecretReference;
  readonly api?: {
    readonly url: string;
    readonly endpoint: number;
    readonly stack: number;
    readonly token: SecretReference;
  };
}

/** `users`, `comments`, `orders`: presets; `columns`: `table.column` without prefix → what to put there. */
export interface ScrubMap {
  readonly users: boolean;
  readonly comments: boolean;
  readonly orders: boolean;
  readonly columns: Readonly<Record<string, 'null' | 'empty' | 'email' | 'name' | 'hash'>>;
  /** SQL files (relative to the site file) run in the new schema before cutover, for sites that are not WordPress. */
  readonly sql: readonly string[];
}

/** `excluded` and `read-through`: media folders are never sent and never deleted. `sync`: they are like all others. */
type MediaMode = 'excluded' | 'sync' | 'read-through';

export interface ContentSettings {
  /** rsync patterns, anchored at the document root when they begin with a slash. */
  readonly exclude: readonly string[];
  /** Media folders, relative to the document root. */
  readonly media: readonly string[];
  readonly mediaMode: MediaMode;
  readonly keepOnStaging: readonly string[];
  readonly apply: 'staged' | 'immediate';
  /** 0 to 100: share of staging's files that a run may delete. */
  readonly maxDeletePercent: number;
  readonly strict: boolean;
  /** Compare files by what is in them, not by size and time. */
  readonly checksum: boolean;
  /** `tunnel`: through the runner's own SSH connections; `direct`: the client connects by itself. */
  readonly route: 'tunnel' | 'direct';
}

export interface DatabaseOptions {
  readonly mode: 'auto' | 'swap' | 'replace';
  /** Tables (without schema, with prefix) whose rows are not copied; the tables are. */
  readonly structureOnly: readonly string[];
  /** Tables in the schema that belong to nothing in the site file, allowed all the same (shell patterns). */
  readonly alsoInSchema: readonly string[];
  /** Tables and views of production that are not copied (shell patterns, with prefix). */
  readonly exclude: readonly string[];
  readonly connections: number;
}

export interface RewriteSettings {
  /** Additional pairs; the two site URLs are always there. */
  readonly pairs: readonly {
    readonly from: string;
    readonly to: string;
    readonly kind: 'url' | 'host' | 'path' | 'text';
  }[];
  /** `table.column` (without prefix, shell patterns) that are not touched. */
  readonly skip: readonly string[];
  /** `table.column` where the leak check may find production hosts. */
  readonly allowLeaks: readonly string[];
  readonly base64: 'report' | 'rewrite';
  /** Production host[/path] → staging host[/path] for the sites of a network. */
  readonly network: Readonly<Record<string, string>>;
  readonly onPageLeak: 'keep' | 'roll-back';
}

export interface RunSettings {
  readonly resumeWithinSeconds: number;
  readonly leaseSeconds: number;
  /** A running process without a sign of life for so long has lost the lock. */
  readonly heartbeatSeconds: number;
  readonly stageTimeoutSeconds: number;
  readonly keepBackups: number;
}

export interface Site {
  /** File name without `.yaml`: lower-case letters, digits, `-`, `_`. */
  readonly name: string;
  /** Path of the YAML file. */
  readonly file: string;
  readonly title: string;
  readonly type: SiteType;
  /** Jenkins agent label; '' is any. */
  readonly agent: string;
  /** Jenkins cron text for the sync job; '' means not scheduled. */
  readonly schedule: string;
  readonly production: ProductionSettings;
  readonly staging: StagingSettings;
  readonly content: ContentSettings;
  readonly database: DatabaseOptions;
  readonly rewrite: RewriteSettings;
  readonly run: RunSettings;
  /** Raw, validated; read by maintenance/. Undefined where the file does not mention it. */
  readonly maintenance?: Readonly<Record<string, unknown>>;
  readonly archive?: Readonly<Record<string, unknown>>;
  readonly publish?: Readonly<Record<string, unknown>>;
  readonly notify?: Readonly<Record<string, unknown>>;
  /** SHA-256 of the file and the defaults it uses: a resumed run must have the same. */
  readonly digest: string;
}
