// Made from resources/understudy/schema/site.schema.json by npm run generate. Do not edit.

export type Url = string;
export type Ssh =
  | string
  | {
      host?: string;
      user?: string;
      port?: number;
      key?: SecretText;
      hostKey?: HostKey;
      knownHosts?: KnownHosts;
      via?: Bastion;
      discover?: Discover;
    };
export type HostKey = string | string[];
export type KnownHosts = string;
export type Bastion =
  | string
  | {
      host?: string;
      user?: string;
      port?: number;
      key?: SecretText;
      hostKey?: HostKey;
      knownHosts?: KnownHosts;
      via?: Bastion;
    };
export type Path = string;
export type Container = string;
export type ContainerPath = string;
export type WorkDir = string;
export type DatabaseContainer = string;
export type DatabaseHost = string;
export type DatabasePort = number;
export type DatabaseSocket = string;
export type DatabaseName = string;
export type DatabaseUser = string;
export type DatabasePrefix = string;
export type DatabaseCharset = string;
export type DatabaseCa = string;
export type HeaderValue =
  | string
  | {
      credential?: string;
      kind?: 'secret-text' | 'username-password' | 'ssh-key' | 'secret-file';
      env?: string;
      file?: string;
    };
export type Media =
  | string[]
  | {
      mode?: 'excluded' | 'sync' | 'read-through';
      folders?: string[];
    };
export type PagePath = string;

export interface SiteFile {
  title?: string;
  type: 'wordpress' | 'php';
  agent?: string;
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
export interface Production {
  url: Url;
  ssh: Ssh;
  path: Path;
  container?: Container;
  containerPath?: ContainerPath;
  workDir?: WorkDir;
  database?: ProductionDatabase;
  http?: Http;
  limits?: Limits;
}
export interface SecretText {
  credential?: string;
  kind?: 'secret-text' | 'username-password' | 'ssh-key' | 'secret-file';
  env?: string;
  file?: string;
}
export interface Discover {
  autoScalingGroup?: string;
  region?: string;
  targetGroup?: string;
  tags?: {
    [k: string]: string;
  };
  /**
   * @minItems 1
   */
  command?: [string, ...string[]];
}
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
export interface Http {
  basicAuth?: SecretText;
  headers?: {
    [k: string]: HeaderValue;
  };
  resolve?: string;
  ca?: string;
}
export interface Limits {
  transfer?: number;
  dump?: number;
  load?: number;
  wait?: string;
  hours?: Hours;
}
export interface Hours {
  from: string;
  to: string;
  timezone?: string;
}
export interface Staging {
  url: Url;
  ssh: Ssh;
  path: Path;
  container?: Container;
  containerPath?: ContainerPath;
  workDir?: WorkDir;
  database?: StagingDatabase;
  http?: Http;
  sharesServer?: boolean;
  keepGenerations?: number;
  settings?: string[];
  events?: 'disable' | 'keep';
  keepOptions?: string[];
  keepUsers?: string | string[];
  cron?: 'off' | 'keep';
  scrub?: Scrub;
  blockHttp?: 'auto' | true | false;
  allowHttp?: string[];
  outside?: 'disable' | 'report';
  maintenance?: StagingMaintenance;
  portainer?: Portainer;
}
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
export interface DatabaseAdmin {
  user: string;
  password: SecretText;
}
export interface Scrub {
  users?: boolean;
  comments?: boolean;
  orders?: boolean;
  columns?: {
    [k: string]: 'null' | 'empty' | 'email' | 'name' | 'hash';
  };
  sql?: string[];
}
export interface StagingMaintenance {
  /**
   * @minItems 1
   */
  on: [string, ...string[]];
  /**
   * @minItems 1
   */
  off: [string, ...string[]];
}
export interface Portainer {
  webhook?: SecretText;
  ca?: string;
  wait?: string;
  api?: PortainerApi;
}
export interface PortainerApi {
  url: string;
  endpoint: number;
  stack: number;
  token: SecretText;
}
export interface Content {
  exclude?: string[];
  media?: Media;
  keepOnStaging?: string[];
  apply?: 'staged' | 'immediate';
  maxDeletePercent?: number;
  strict?: boolean;
  route?: 'tunnel' | 'direct';
  checksum?: boolean;
}
export interface DatabaseOptions {
  mode?: 'auto' | 'swap' | 'replace';
  structureOnly?: string[];
  alsoInSchema?: string[];
  exclude?: string[];
  connections?: number;
}
export interface Rewrite {
  pairs?: RewritePair[];
  skip?: string[];
  allowLeaks?: string[];
  base64?: 'report' | 'rewrite';
  network?: {
    [k: string]: string;
  };
  onPageLeak?: 'keep' | 'roll-back';
}
export interface RewritePair {
  from: string;
  to: string;
  kind?: 'url' | 'host' | 'path' | 'text';
}
export interface Run {
  resumeWithin?: string;
  lease?: string;
  heartbeat?: string;
  stageTimeout?: string;
  keepBackups?: number;
}
export interface Maintenance {
  schedule?: string;
  core?: 'minor' | 'major' | 'none';
  plugins?: UpdatePolicy;
  themes?: UpdatePolicy;
  translations?: boolean;
  checks?: Checks;
  approve?: Approve;
  promote?: string[];
  cloudfront?: CloudFront;
  wp?: string;
  composer?: string;
  runAs?: string;
  header?: CheckHeader;
  window?: Window;
  freeze?: string[];
  instanceRefresh?: boolean;
  instanceRefreshWait?: string;
  instancesBootFrom?: 'image' | 'archive' | 'repository';
}
export interface UpdatePolicy {
  exclude?: string[];
  pin?: {
    [k: string]: string;
  };
  securityOnly?: boolean;
}
export interface Checks {
  paths?: PagePath[];
  discover?: boolean;
  maxPages?: number;
  slowerThan?: string;
  text?: TextCheck[];
  forms?: FormCheck[];
  screenshots?: Screenshots;
}
export interface TextCheck {
  path: PagePath;
  must?: string[];
  mustNot?: string[];
}
export interface FormCheck {
  path: PagePath;
  selector?: string;
}
export interface Screenshots {
  enabled?: boolean;
  width?: number;
  threshold?: number;
  mask?: Mask[];
}
export interface Mask {
  path?: PagePath;
  selector?: string;
  x?: number;
  y?: number;
  width?: number;
  height?: number;
}
export interface Approve {
  policy?: 'person' | 'when-green';
  timeout?: string;
  by?: string[];
  people?: {
    [k: string]: string;
  };
}
export interface CloudFront {
  distribution: string;
  /**
   * @minItems 1
   */
  paths?: [string, ...string[]];
}
export interface CheckHeader {
  name?: string;
  value: SecretText;
}
export interface Window {
  /**
   * @minItems 1
   */
  days?: [
    'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun',
    ...('mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun')[]
  ];
  from: string;
  to: string;
  timezone?: string;
}
export interface Archive {
  ssh?: Ssh;
  path: string;
  workDir?: WorkDir;
  exclude?: string[];
}
export interface Publish {
  repository: string;
  branch?: string;
  mode?: 'commit' | 'pull-request';
  commits?: 'one' | 'per-item';
  author: Author;
  tag?: string;
  key?: SecretText;
  signingKey?: SecretText;
  hostKey?: HostKey;
  knownHosts?: KnownHosts;
  token?: SecretText;
  allowSecrets?: string[];
  api?: string;
}
export interface Author {
  name: string;
  email: string;
}
export interface Notify {
  slack?: SecretText;
  teams?: SecretText;
  email?: NotifyEmail;
  webhook?: SecretText;
  onlyChanges?: boolean;
  on?: ('success' | 'failure' | 'approval' | 'recovered')[];
}
export interface NotifyEmail {
  host: string;
  port?: number;
  security?: 'starttls' | 'tls' | 'none';
  login?: SecretText;
  from: string;
  /**
   * @minItems 1
   */
  to: [string, ...string[]];
}
