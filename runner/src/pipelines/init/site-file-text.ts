export interface SshText {
  readonly host: string;
  readonly user: string;
  readonly port: number;
  /** Path of a private key on the runner. */
  readonly key?: string;
  /** `SHA256:…` */
  readonly hostKey: string;
  readonly via?: SshText;
}

/** What `understudy init` found out about a side. */
export interface SideText {
  readonly url: string;
  readonly ssh: SshText | 'local';
  readonly path: string;
  readonly container?: { readonly name: string; readonly path: string } | undefined;
  readonly databaseContainer?: string;
  /** As the machine sees it, where wp-config.php does not say it. */
  readonly databaseServer?: { readonly host: string; readonly port: number };
  /** Where no settings file says it; `password` is the name of the variable that holds it. */
  readonly account?: { readonly name: string; readonly user: string; readonly password: string };
  /** Name of the variable that holds `user:password`. */
  readonly basicAuth?: string;
  readonly resolve?: string;
  readonly ca?: string;
  /** Comments above the side's keys. */
  readonly remarks: readonly string[];
}

export interface SiteText {
  readonly type: 'wordpress' | 'php';
  readonly production: SideText;
  readonly staging: SideText;
  readonly media?: { readonly mode: 'sync' | 'read-through'; readonly why: string } | undefined;
}

/** A YAML scalar: plain where nothing in it can be read as anything else. */
const scalar = (value: string): string =>
  /^[A-Za-z/~][\w./:@+=~-]*$/.test(value) &&
  !/:$/.test(value) &&
  !/^(true|false|yes|no|on|off|null|y|n)$/i.test(value)
    ? value
    : `'${value.replaceAll("'", "''")}'`;

const keys = (values: Readonly<Record<string, string | number | undefined>>): string[] =>
  Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}: ${typeof value === 'number' ? String(value) : scalar(value)}`],
  );

/** The shortest site file, with a comment where a reader might wonder. Pure. */
export function siteFileText({ type, production, staging, media }: SiteText): string {
  return [
    '# Written by understudy init. Every key: docs/site-file.md. After a change: understudy validate.',
    `type: ${type}`,
    '',
    '# A sync only reads it.',
    'production:',
    ...sideLines(production),
    '',
    '# Everything in it may be replaced.',
    'staging:',
    ...sideLines(staging),
    ...(media === undefined ? [] : ['', `# ${media.why}`, 'content:', `  media: { mode: ${media.mode} }`]),
    '',
  ].join('\n');
}

function sideLines(side: SideText): string[] {
  const { ssh, container, databaseContainer, databaseServer, account } = side;
  const database = [
    ...keys({ container: databaseContainer, ...databaseServer, name: account?.name, user: account?.user }),
    ...(account === undefined ? [] : [`password: { env: ${account.password} }`]),
  ];
  const http = [
    ...(side.basicAuth === undefined ? [] : [`basicAuth: { env: ${side.basicAuth} }`]),
    ...keys({ resolve: side.resolve, ca: side.ca }),
  ];
  return [
    ...side.remarks.map((remark) => `# ${remark}`),
    `url: ${scalar(side.url)}`,
    ...(ssh === 'local' ? ['ssh: local'] : ['ssh:', ...sshLines(ssh)]),
    `path: ${scalar(side.path)}`,
    ...keys({ container: container?.name, containerPath: container?.path }),
    ...(account === undefined ? [] : [`# ${account.password} holds its password where Understudy runs.`]),
    ...(database.length > 0 ? [`database: { ${database.join(', ')} }`] : []),
    ...(side.basicAuth === undefined
      ? []
      : [`# ${side.basicAuth} holds user:password where Understudy runs.`]),
    ...(http.length > 0 ? [`http: { ${http.join(', ')} }`] : []),
  ].map((line) => `  ${line}`);
}

const sshLines = (ssh: SshText): string[] =>
  [
    `host: ${scalar(ssh.host)}`,
    `user: ${scalar(ssh.user)}`,
    ...(ssh.port === 22 ? [] : [`port: ${String(ssh.port)}`]),
    ...(ssh.key === undefined ? [] : [`key: { file: ${scalar(ssh.key)} }`]),
    '# Pinned: another key is refused.',
    `hostKey: ${scalar(ssh.hostKey)}`,
    ...(ssh.via === undefined ? [] : ['# The way to it.', 'via:', ...sshLines(ssh.via)]),
  ].map((line) => `  ${line}`);
