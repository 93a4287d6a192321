// Made from resources/understudy/schema/site.schema.json by npm run generate. Do not edit.

/**
 * Address of the home page, as WordPress knows it: `https://host[:port][/folder]`.
 */
export type Url = string;
/**
 * How to reach the machine: `user@host[:port]`, `local` for the runner's own machine, or the keys below.
 */
export type Ssh =
  | string
  | {
      /**
       * Name or address. Not together with `discover`.
       */
      host?: string;
      /**
       * Account on the host.
       */
      user?: string;
      /**
       * Port of the SSH server.
       */
      port?: number;
      key?: SecretText;
      hostKey?: HostKey;
      knownHosts?: KnownHosts;
      via?: Bastion;
      discover?: Discover;
    };
/**
 * Pinned host key: a `SHA256:…` fingerprint or a public key, or a list of them. Without it: `knownHosts` decides.
 */
export type HostKey = string | string[];
/**
 * known_hosts file on the runner. Without it: `~/.ssh/known_hosts`.
 */
export type KnownHosts = string;
/**
 * A host that connections go through: `user@host[:port]` or the keys below.
 */
export type Bastion =
  | string
  | {
      /**
       * Name or address.
       */
      host?: string;
      /**
       * Account on the host.
       */
      user?: string;
      /**
       * Port of the SSH server.
       */
      port?: number;
      key?: SecretText;
      hostKey?: HostKey;
      knownHosts?: KnownHosts;
      via?: Bastion;
    };
/**
 * Document root on the machine (not inside a container): absolute.
 */
export type Path = string;
/**
 * Docker container in which PHP runs. Without it: PHP runs on the machine itself.
 */
export type Container = string;
/**
 * Document root inside the container. Without it: the same as `path`.
 */
export type ContainerPath = string;
/**
 * Folder for backups and records on the machine: absolute or below `~/`, outside every document root. Without it: `~/.understudy/<site>`.
 */
export type WorkDir = string;
/**
 * Container on that machine in which the database programs run. Without it: on the machine itself.
 */
export type DatabaseContainer = string;
/**
 * Server name or address as seen from that machine. Not together with `socket`. WordPress: from wp-config.php.
 */
export type DatabaseHost = string;
/**
 * Port of the server; without it 3306.
 */
export type DatabasePort = number;
/**
 * Unix socket of the server. Not together with `host`.
 */
export type DatabaseSocket = string;
/**
 * Name of the database. WordPress: from wp-config.php.
 */
export type DatabaseName = string;
/**
 * Account on the server. WordPress: from wp-config.php.
 */
export type DatabaseUser = string;
/**
 * Table prefix. WordPress: from wp-config.php.
 */
export type DatabasePrefix = string;
/**
 * Character set that PHP speaks to the server (`DB_CHARSET`). WordPress: from wp-config.php; else utf8mb4.
 */
export type DatabaseCharset = string;
/**
 * PEM file on the runner with the certificate authority of the server (a provider's bundle). Connections over TCP are then made with TLS and verified, those of mysqldump and mysql too. Without it: TLS only where the server insists on it, and only to a server on the same machine.
 */
export type DatabaseCa = string;
/**
 * The value, or where the secret value is found.
 */
export type HeaderValue =
  | string
  | {
      /**
       * Id of a Jenkins credential.
       */
      credential?: string;
      /**
       * Kind of the Jenkins credential; default `secret-text`.
       */
      kind?: 'secret-text' | 'username-password' | 'ssh-key' | 'secret-file';
      /**
       * Environment variable of the runner.
       */
      env?: string;
      /**
       * File on the runner.
       */
      file?: string;
    };
/**
 * What becomes of the media folders (docs/media.md). A list is a short way of writing the folders, which are then excluded.
 */
export type Media =
  | string[]
  | {
      /**
       * `excluded`: the media folders are never sent and never deleted, for media on S3 or a CDN. `sync`: they are copied like all files. `read-through` (WordPress): they stay away, and staging answers a missing file with a redirect to production's.
       */
      mode?: 'excluded' | 'sync' | 'read-through';
      /**
       * Media folders, relative to the document root. Without it: `wp-content/uploads` for WordPress, none for other sites.
       */
      folders?: string[];
    };
/**
 * Path of the page, beginning with a slash.
 */
export type PagePath = string;

/**
 * One site: where production and staging are, and how the copy is made. One file per site, `sites/<name>.yaml`; `sites/_defaults.yaml` has the same keys and lies beneath every site file.
 */
export interface SiteFile {
  /**
   * What people call the site, in Jenkins and in reports. Without it: the name of the file.
   */
  title?: string;
  /**
   * `wordpress`: database settings are read from wp-config.php, and stage 6 rewrites the URLs. `php`: any other PHP site; the file names the database.
   */
  type: 'wordpress' | 'php';
  /**
   * Label of the Jenkins agents that may run this site. Empty: any.
   */
  agent?: string;
  /**
   * Jenkins cron text for the sync job. Empty: only by hand. Put it in quotes.
   */
  schedule?: string;
  production: Production;
  staging: Staging;
  content?: Content;
  database?: DatabaseOptions;
  rewrite?: Rewrite;
  run?: Run;
  maintenance?: Maintenance;
  archive?: Archive;
  publish?: Publish;
  notify?: Notify;
}
/**
 * The site that is copied. A sync only reads it.
 */
export interface Production {
  url: Url;
  ssh: Ssh;
  path: Path;
  container?: Container;
  containerPath?: ContainerPath;
  workDir?: WorkDir;
  database?: ProductionDatabase;
  http?: Http;
}
/**
 * Where a secret is found; never the secret itself. Exactly one of `credential`, `env` and `file`.
 */
export interface SecretText {
  /**
   * Id of a Jenkins credential.
   */
  credential?: string;
  /**
   * Kind of the Jenkins credential. Without it: what the place needs (`ssh-key` for a key, `username-password` for a login, else `secret-text`).
   */
  kind?: 'secret-text' | 'username-password' | 'ssh-key' | 'secret-file';
  /**
   * Environment variable of the runner that holds the secret (a login: `user:password`).
   */
  env?: string;
  /**
   * File on the runner that holds the secret; mode 0600.
   */
  file?: string;
}
/**
 * Finds the hosts at the start of a run, for groups of machines that come and go. Exactly one of `autoScalingGroup`, `targetGroup`, `tags` and `command`.
 */
export interface Discover {
  /**
   * Name of an AWS Auto Scaling group; the `aws` program of the runner is asked for its healthy instances. Needs `region`.
   */
  autoScalingGroup?: string;
  /**
   * AWS region of the group, or of the tagged instances.
   */
  region?: string;
  /**
   * ARN of a load balancer's target group: its healthy targets, where no Auto Scaling group stands behind it.
   */
  targetGroup?: string;
  /**
   * Tags that every instance of production has; those that run are production. Needs `region`.
   */
  tags?: {
    [k: string]: string;
  };
  /**
   * A program of the runner and its arguments; it prints one host per line. No shell is involved.
   *
   * @minItems 1
   */
  command?: [string, ...string[]];
}
/**
 * Production's database. A WordPress site needs none of this unless wp-config.php says something that is not true for the runner.
 */
export interface ProductionDatabase {
  ssh?: Ssh;
  container?: DatabaseContainer;
  host?: DatabaseHost;
  port?: DatabasePort;
  socket?: DatabaseSocket;
  name?: DatabaseName;
  user?: DatabaseUser;
  password?: SecretText;
  prefix?: DatabasePrefix;
  charset?: DatabaseCharset;
  ca?: DatabaseCa;
}
/**
 * How pages of this side are fetched: most staging sites are not open to the world.
 */
export interface Http {
  basicAuth?: SecretText;
  /**
   * Headers that every request carries. A value that is secret is written as a reference.
   */
  headers?: {
    [k: string]: HeaderValue;
  };
  /**
   * Address to connect to instead of what DNS says, with an optional port.
   */
  resolve?: string;
  /**
   * PEM file on the runner with an additional certificate authority.
   */
  ca?: string;
}
/**
 * The copy. Everything in it may be replaced.
 */
export interface Staging {
  url: Url;
  ssh: Ssh;
  path: Path;
  container?: Container;
  containerPath?: ContainerPath;
  workDir?: WorkDir;
  database?: StagingDatabase;
  http?: Http;
  /**
   * Allows staging's database on the server of a production database, under another name.
   */
  sharesServer?: boolean;
  /**
   * Former copies that are kept for `understudy rollback`.
   */
  keepGenerations?: number;
  /**
   * For a site that is not WordPress: files in which staging has its settings, where they are not found by name; relative to `path`, or absolute. They are read to prove that staging works on its own database.
   */
  settings?: string[];
  /**
   * What becomes of the database's scheduled events on staging.
   */
  events?: 'disable' | 'keep';
  /**
   * WordPress options that staging keeps: licence keys, payment test mode.
   */
  keepOptions?: string[];
  /**
   * Logins of staging that are kept with their passwords: a list, or `administrators` for all administrators that no sync brought. On the first sync, who exists on production is production's.
   */
  keepUsers?: string | string[];
  /**
   * WordPress cron and queued actions on staging.
   */
  cron?: 'off' | 'keep';
  scrub?: Scrub;
  /**
   * Blocks HTTP requests of staging to other hosts, allowHttp and api.wordpress.org excepted. `auto`: everything for shops, everything but reads (GET, HEAD) for other sites; `true`: everything; `false`: nothing.
   */
  blockHttp?: 'auto' | true | false;
  /**
   * Hosts that staging may talk to all the same; `*.` in front for all below.
   */
  allowHttp?: string[];
  /**
   * Plugins that act on production's accounts elsewhere (payments, mailing lists, buckets, caches; docs/outside-accounts.md). `disable`: switched off in the copy where they have a switch, reported else. `report`: reported.
   */
  outside?: 'disable' | 'report';
  maintenance?: StagingMaintenance;
  portainer?: Portainer;
}
/**
 * Staging's database. A WordPress site needs none of this unless wp-config.php says something that is not true for the runner.
 */
export interface StagingDatabase {
  ssh?: Ssh;
  container?: DatabaseContainer;
  host?: DatabaseHost;
  port?: DatabasePort;
  socket?: DatabaseSocket;
  name?: DatabaseName;
  user?: DatabaseUser;
  password?: SecretText;
  prefix?: DatabasePrefix;
  charset?: DatabaseCharset;
  ca?: DatabaseCa;
  admin?: DatabaseAdmin;
}
/**
 * A second account that creates, renames and drops the site's own schemas. Rows, views, triggers and routines are always written by the site's own account, which needs its rights there (doctor names the GRANT).
 */
export interface DatabaseAdmin {
  /**
   * Account on the server.
   */
  user: string;
  password: SecretText;
}
/**
 * Personal data that is replaced before the copy goes live.
 */
export interface Scrub {
  /**
   * Names, e-mail addresses and passwords of users, except those in `keepUsers`.
   */
  users?: boolean;
  /**
   * Names, e-mail and IP addresses of commenters.
   */
  comments?: boolean;
  /**
   * Names, addresses and e-mail of WooCommerce orders.
   */
  orders?: boolean;
  /**
   * `table.column` (table without prefix) → what is put there: `null` (in quotes), `empty`, `email`, `name`, `hash`.
   */
  columns?: {
    [k: string]: 'null' | 'empty' | 'email' | 'name' | 'hash';
  };
  /**
   * SQL files, relative to the site file, that run in the new database before it goes live.
   */
  sql?: string[];
}
/**
 * Programs that turn a maintenance page on and off, for sites that are not WordPress. They run in the document root; no shell is involved.
 */
export interface StagingMaintenance {
  /**
   * Program and arguments that turn the page on.
   *
   * @minItems 1
   */
  on: [string, ...string[]];
  /**
   * Program and arguments that turn the page off.
   *
   * @minItems 1
   */
  off: [string, ...string[]];
}
/**
 * Restarts the stack after a sync, and waits until the container runs and staging answers. Exactly one of `webhook` and `api`.
 */
export interface Portainer {
  webhook?: SecretText;
  /**
   * PEM file on the runner with the authority that signed Portainer's own certificate.
   */
  ca?: string;
  /**
   * How long the container may take to run again and staging to answer. After that the sync ends with exit code 5.
   */
  wait?: string;
  api?: PortainerApi;
}
/**
 * Portainer's API, where there is no webhook.
 */
export interface PortainerApi {
  /**
   * Address of Portainer.
   */
  url: string;
  /**
   * Number of the environment.
   */
  endpoint: number;
  /**
   * Number of the stack.
   */
  stack: number;
  token: SecretText;
}
/**
 * Which files are copied, and how.
 */
export interface Content {
  /**
   * rsync patterns that are never sent and never deleted; a slash in front anchors them at the document root.
   */
  exclude?: string[];
  media?: Media;
  /**
   * rsync patterns of files that are staging's own, besides wp-config.php, .htaccess, .env, robots.txt and object-cache.php, which always are.
   */
  keepOnStaging?: string[];
  /**
   * `staged`: changed files wait beside the live tree and are put in place together with the database. `immediate`: rsync writes into the live tree, which is then not protected against a failed run.
   */
  apply?: 'staged' | 'immediate';
  /**
   * Share of staging's files that one run may delete, in percent.
   */
  maxDeletePercent?: number;
  /**
   * A `.git`, `.svn` or `.hg` folder that is found on a server is an error instead of a warning.
   */
  strict?: boolean;
  /**
   * How production reaches staging. `tunnel`: through the runner's own connections. `direct`: by itself.
   */
  route?: 'tunnel' | 'direct';
  /**
   * Files are compared by what is in them, not by size and time; every sync then reads both trees whole. For sites whose builds give changed files the size and time that they had.
   */
  checksum?: boolean;
}
/**
 * How the database is copied.
 */
export interface DatabaseOptions {
  /**
   * `swap`: import beside the live database, then exchange them in a moment. `replace`: behind a maintenance page. `auto`: swap where the account may.
   */
  mode?: 'auto' | 'swap' | 'replace';
  /**
   * Program that makes the backup. mydumper stops production's writes for a moment.
   */
  tool?: 'mysqldump' | 'mydumper';
  /**
   * Tables (with prefix; `*` and `?` allowed) that are copied without their rows.
   */
  structureOnly?: string[];
  /**
   * Tables of the database without the site's prefix (`*` and `?` allowed) that are copied and replaced all the same. Without a decision about such tables nothing is copied.
   */
  alsoInSchema?: string[];
  /**
   * Tables and views of production (with prefix; `*` and `?` allowed) that are not copied at all, such as those of another application in the same database.
   */
  exclude?: string[];
  /**
   * Connections that the import uses at once.
   */
  connections?: number;
}
/**
 * How URLs are rewritten (WordPress). The two site URLs are always rewritten, in every spelling and encoding.
 */
export interface Rewrite {
  /**
   * Additional replacements.
   */
  pairs?: RewritePair[];
  /**
   * `table.column` (table without prefix; `*` and `?` allowed) that is not touched.
   */
  skip?: string[];
  /**
   * `table.column` in which production's host may be left.
   */
  allowLeaks?: string[];
  /**
   * Base64 values that hold production's URL.
   */
  base64?: 'report' | 'rewrite';
  /**
   * Multisite: production's `host[/folder]` → staging's, for every site of the network that the two site URLs do not cover.
   */
  network?: {
    [k: string]: string;
  };
  /**
   * What happens when a page of the new copy still names production: keep it and fail, or roll back.
   */
  onPageLeak?: 'keep' | 'roll-back';
}
export interface RewritePair {
  /**
   * What production has.
   */
  from: string;
  /**
   * What staging gets.
   */
  to: string;
  /**
   * `url`, `host` and `path` are matched as whole names in every encoding; `text` as it is written.
   */
  kind?: 'url' | 'host' | 'path' | 'text';
}
/**
 * How runs behave.
 */
export interface Run {
  /**
   * A later stage continues an unfinished run that is younger than this.
   */
  resumeWithin?: string;
  /**
   * How long the lock of a run lasts between two stages.
   */
  lease?: string;
  /**
   * A running process that gives staging no sign of life for this long loses the lock and stops; it gives one four times as often.
   */
  heartbeat?: string;
  /**
   * Time limit of one stage.
   */
  stageTimeout?: string;
  /**
   * Backups of production's database that are kept on staging.
   */
  keepBackups?: number;
}
/**
 * Updates, checks, approval and promotion (`maintainSite`).
 */
export interface Maintenance {
  /**
   * Jenkins cron text for the maintenance job. Put it in quotes.
   */
  schedule?: string;
  /**
   * WordPress itself: within `6.5.x`, to the newest version, or not at all.
   */
  core?: 'minor' | 'major' | 'none';
  plugins?: UpdatePolicy;
  themes?: UpdatePolicy;
  /**
   * Translations are updated too.
   */
  translations?: boolean;
  checks?: Checks;
  approve?: Approve;
  /**
   * Further code that is promoted besides core, plugins and themes, relative to the document root.
   */
  promote?: string[];
  cloudfront?: CloudFront;
  /**
   * WP-CLI on staging, where PHP runs (in the container, if there is one): a program on the PATH, or its absolute path.
   */
  wp?: string;
  /**
   * For sites that Composer manages (Bedrock): Composer on staging, where PHP runs, a program on the PATH or its absolute path. `update` then updates the packages that composer.json asks for, one at a time, by `composer update`; composer.lock and vendor are tested, promoted and published with the rest. Left out: what Composer installed is not updated, and the report says so.
   */
  composer?: string;
  /**
   * Account of staging as which WP-CLI and Composer run, so that what they write belongs to the site's owner: by `sudo -n -u` on the host, by `docker exec -u` in a container. Default: in a container, and for an account that is root, the owner of WordPress' files; else the account of `staging.ssh` itself.
   */
  runAs?: string;
  header?: CheckHeader;
  window?: Window;
  /**
   * Days on which nothing is promoted: `YYYY-MM-DD` or `YYYY-MM-DD/YYYY-MM-DD`, in quotes.
   */
  freeze?: string[];
  /**
   * Starts an instance refresh of the Auto Scaling group after a promotion, as soon as what instances boot from has the promoted code; waits for its end, and says which instances came up with other code.
   */
  instanceRefresh?: boolean;
  /**
   * How long the end of the instance refresh is waited for.
   */
  instanceRefreshWait?: string;
  /**
   * What new instances of the group take their code from: a machine image, the archive's file system, or the repository. An instance refresh starts when that has the promoted code; without this key after the last step that the site file has.
   */
  instancesBootFrom?: 'image' | 'archive' | 'repository';
}
/**
 * Which of them are updated.
 */
export interface UpdatePolicy {
  /**
   * Slugs that are never updated.
   */
  exclude?: string[];
  /**
   * Slug → version that is installed and not left. Put versions in quotes.
   */
  pin?: {
    [k: string]: string;
  };
  /**
   * Only updates that stay within the same minor version (`5.3.x`), where security releases come. No list of advisories is asked; what was left for this reason stands in the report.
   */
  securityOnly?: boolean;
}
/**
 * What has to work after each update and after a promotion.
 */
export interface Checks {
  /**
   * Pages that are looked at.
   */
  paths?: PagePath[];
  /**
   * Looks at found pages too: sitemap, one of each post type, shop, login, feed, REST.
   */
  discover?: boolean;
  /**
   * Pages at most.
   */
  maxPages?: number;
  /**
   * A page that takes longer fails.
   */
  slowerThan?: string;
  /**
   * Text that pages must or must not hold.
   */
  text?: TextCheck[];
  /**
   * Forms that must be there.
   */
  forms?: FormCheck[];
  screenshots?: Screenshots;
}
export interface TextCheck {
  path: PagePath;
  /**
   * Texts that must be there.
   */
  must?: string[];
  /**
   * Texts that must not be there.
   */
  mustNot?: string[];
}
export interface FormCheck {
  path: PagePath;
  /**
   * CSS selector of the form.
   */
  selector?: string;
}
/**
 * Pictures before and after, compared pixel by pixel.
 */
export interface Screenshots {
  /**
   * Makes pictures where the runner has a Chromium.
   */
  enabled?: boolean;
  /**
   * Width of the window in pixels.
   */
  width?: number;
  /**
   * Share of pixels that may differ, in percent.
   */
  threshold?: number;
  /**
   * Regions that are not compared: by CSS selector, or by a rectangle.
   */
  mask?: Mask[];
}
export interface Mask {
  path?: PagePath;
  /**
   * CSS selector of what is covered.
   */
  selector?: string;
  /**
   * Left edge in pixels.
   */
  x?: number;
  /**
   * Upper edge in pixels.
   */
  y?: number;
  /**
   * Width in pixels.
   */
  width?: number;
  /**
   * Height in pixels.
   */
  height?: number;
}
/**
 * Who lets the updates go to production.
 */
export interface Approve {
  /**
   * `person`: somebody approves in Jenkins. `when-green`: approved when every check passed and nothing was rolled back.
   */
  policy?: 'person' | 'when-green';
  /**
   * How long staging waits for an approval.
   */
  timeout?: string;
  /**
   * Jenkins users and groups that may approve. Empty: everybody who may build the job.
   */
  by?: string[];
  /**
   * Jenkins user → name and address. The report and the commit's co-author then name the person instead of the login.
   */
  people?: {
    [k: string]: string;
  };
}
/**
 * Distribution that is invalidated after a promotion, with the runner's `aws` program.
 */
export interface CloudFront {
  /**
   * Id of the distribution.
   */
  distribution: string;
  /**
   * Paths that are invalidated.
   *
   * @minItems 1
   */
  paths?: [string, ...string[]];
}
/**
 * Secret header by which a firewall knows Understudy's own requests.
 */
export interface CheckHeader {
  /**
   * Name of the header.
   */
  name?: string;
  value: SecretText;
}
/**
 * When production may be changed.
 */
export interface Window {
  /**
   * Days on which it begins.
   *
   * @minItems 1
   */
  days?: [
    'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun',
    ...('mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun')[]
  ];
  /**
   * Begin, `HH:MM`, in quotes.
   */
  from: string;
  /**
   * End, `HH:MM`, in quotes; an earlier time is on the next day.
   */
  to: string;
  /**
   * Name of the time zone.
   */
  timezone?: string;
}
/**
 * The folder (EFS) that holds the code which goes to GitHub.
 */
export interface Archive {
  ssh?: Ssh;
  /**
   * The site's folder on it: absolute.
   */
  path: string;
  workDir?: WorkDir;
  /**
   * rsync patterns that are not archived, besides secrets, uploads and caches, which never are.
   */
  exclude?: string[];
}
/**
 * The GitHub repository that gets a commit from the archive.
 */
export interface Publish {
  /**
   * Address of the repository: `git@host:owner/name.git`, `ssh://…` or `https://…`.
   */
  repository: string;
  /**
   * Branch that gets the commit.
   */
  branch?: string;
  /**
   * Pushes to the branch, or to a branch of its own with a pull request.
   */
  mode?: 'commit' | 'pull-request';
  /**
   * One commit per run, or one per updated item.
   */
  commits?: 'one' | 'per-item';
  author: Author;
  /**
   * Tag that is set; `{date}` and `{run}` are filled in. Empty: none.
   */
  tag?: string;
  key?: SecretText;
  signingKey?: SecretText;
  hostKey?: HostKey;
  knownHosts?: KnownHosts;
  token?: SecretText;
  /**
   * Patterns of files in which something that looks like a secret is harmless; rsync's syntax.
   */
  allowSecrets?: string[];
  /**
   * Address of the GitHub API, for pull requests. Without it: `https://api.github.com`, or `https://<host>/api/v3` for a GitHub Enterprise Server.
   */
  api?: string;
}
/**
 * Who the commits are by. The approver is named as co-author.
 */
export interface Author {
  /**
   * Name.
   */
  name: string;
  /**
   * E-mail address.
   */
  email: string;
}
/**
 * A message when a sync, an update, a promotion, an archive, a publication, a rollback or a recovery ends, or when updates wait for an approval. At least one of `slack`, `teams`, `email` and `webhook`.
 */
export interface Notify {
  slack?: SecretText;
  teams?: SecretText;
  email?: NotifyEmail;
  webhook?: SecretText;
  /**
   * No message when the same work (sync, update, promotion …) ends as it did the last time: the second failure in a row, or the second success.
   */
  onlyChanges?: boolean;
  /**
   * When a message is sent: when work ended well, when it failed or was stopped, when updates wait for a person, when work that failed the last time ended well (without `recovered` that is a `success`).
   */
  on?: ('success' | 'failure' | 'approval' | 'recovered')[];
}
/**
 * Mail by SMTP.
 */
export interface NotifyEmail {
  /**
   * The mail server.
   */
  host: string;
  /**
   * Its port. Default: 465 with `security: tls`, else 587.
   */
  port?: number;
  /**
   * How the connection is protected; the server's certificate is verified. With `none` there can be no login.
   */
  security?: 'starttls' | 'tls' | 'none';
  login?: SecretText;
  /**
   * Who it comes from.
   */
  from: string;
  /**
   * Who gets it.
   *
   * @minItems 1
   */
  to: [string, ...string[]];
}
