import {
  type Content,
  type DatabaseOptions as DatabaseSection,
  type Rewrite,
  type RewritePair,
  type Scrub,
  type Staging,
} from './site-file.generated.js';

/**
 * A site after loading, validation and defaults: what the rest of the program works with.
 * Built by config/load/load-sites.ts from the YAML file; the raw shape is site-file.generated.ts.
 */
/** A section of the file as the defaults complete it. What its keys mean is in site.schema.json. */
export type Settled<Section> = {
  readonly [Key in keyof Section]-?: Readonly<NonNullable<Section[Key]>>;
};

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
  readonly key?: SecretReference | undefined;
  /** Pinned: `SHA256:…` fingerprints or `ssh-ed25519 AAAA…` keys. Empty: knownHosts decides. */
  readonly hostKeys: readonly string[];
  /** known_hosts file on the runner; default ~/.ssh/known_hosts. */
  readonly knownHosts?: string | undefined;
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
  readonly container?: string | undefined;
  readonly containerPath?: string | undefined;
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

/** Keys of staging that are worked with as they are in the file. */
type StagingOptions = Omit<
  Staging,
  keyof SideSettings | 'ssh' | 'keepUsers' | 'scrub' | 'maintenance' | 'portainer'
>;

export interface StagingSettings extends SideSettings, Settled<StagingOptions> {
  /** Logins; the default is all of staging's own administrators. */
  readonly keepUsers: 'administrators' | readonly string[];
  readonly scrub: ScrubMap;
  readonly maintenance?: { readonly on: readonly string[]; readonly off: readonly string[] };
  readonly admin?: { readonly user: string; readonly password: SecretReference };
  readonly portainer?: PortainerSettings;
}

export interface PortainerSettings {
  /** PEM file on the runner with the authority that signed Portainer's certificate. */
  readonly ca?: string;
  /** How long staging may take to answer again after a restart. */
  readonly waitSeconds: number;
  readonly webhook?: SecretReference;
  readonly api?: {
    readonly url: string;
    readonly endpoint: number;
    readonly stack: number;
    readonly token: SecretReference;
  };
}

/** SQL files are relative to the site file. */
export type ScrubMap = Settled<Scrub>;

export interface ContentSettings extends Settled<Omit<Content, 'media'>> {
  /** Media folders, relative to the document root. */
  readonly media: readonly string[];
  /** `excluded` and `read-through`: media folders are never sent and never deleted. `sync`: they are like all others. */
  readonly mediaMode: 'excluded' | 'sync' | 'read-through';
}

/** Names of tables have no schema, but the prefix. */
export type DatabaseOptions = Settled<DatabaseSection>;

export interface RewriteSettings extends Settled<Omit<Rewrite, 'pairs'>> {
  /** Additional pairs; the two site URLs are always there. */
  readonly pairs: readonly Settled<RewritePair>[];
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
