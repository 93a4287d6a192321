/** What looks like a secret: few kinds, each beyond doubt. A false alarm stops a month's maintenance. */
export interface SecretPattern {
  readonly name: string;
  /** A coarse form for `grep -E` on the host where the files lie: what it lets through is looked at again here. */
  readonly coarse: string;
  readonly finds: (text: string, path: string) => boolean;
}

const matches =
  (expression: RegExp) =>
  (text: string): boolean =>
    expression.test(text);

/** Values that examples and WordPress' own wp-config-sample.php have. */
const PLACEHOLDER =
  /^(?:|password_here|username_here|your[-_ ].*|put your unique phrase here|x+|\*+|<.*>|%.*%|\{.*\}|secret|password|example|changeme|root|test)$/i;

function findsDatabasePassword(text: string): boolean {
  const defines = text.matchAll(
    /^[^\n*#]{0,40}?define\s*\(\s*(['"])DB_PASSWORD\1\s*,\s*(['"])((?:\\.|(?!\2)[^\\\n])*)\2\s*\)/gm,
  );
  return [...defines].some(([line, , , value = '']) => !line.includes('//') && !PLACEHOLDER.test(value));
}

/** Documentation of AWS uses keys that end in EXAMPLE. */
const findsAwsKey = (text: string): boolean =>
  [...text.matchAll(/(?<![A-Za-z0-9/+])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Za-z0-9/+=])/g)].some(
    ([key]) => !key.endsWith('EXAMPLE'),
  );

export const SECRET_PATTERNS: readonly SecretPattern[] = [
  {
    name: 'a private key',
    coarse: '-----BEGIN [A-Z ]*PRIVATE KEY',
    // Programs name the header; a key has base64 below it.
    finds: matches(
      /-----BEGIN (?:(?:RSA|DSA|EC|OPENSSH|ENCRYPTED) )?PRIVATE KEY-----(?:\r?\n|\\n)(?:[A-Za-z-]+: [^\n]*\r?\n|\r?\n)*[A-Za-z0-9+/=]{40,}/,
    ),
  },
  { name: 'a database password', coarse: 'DB_PASSWORD', finds: findsDatabasePassword },
  { name: 'an AWS access key', coarse: '(AKIA|ASIA)[A-Z2-7]{16}', finds: findsAwsKey },
  {
    name: 'a GitHub token',
    coarse: '(gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60})',
    finds: matches(
      /(?<![A-Za-z0-9_])(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})(?![A-Za-z0-9_])/,
    ),
  },
  {
    name: 'a GitLab token',
    coarse: 'glpat-[A-Za-z0-9_-]{20}',
    finds: matches(/(?<![A-Za-z0-9_-])glpat-[A-Za-z0-9_-]{20,}/),
  },
  {
    name: 'a Slack token',
    coarse: 'xox[abprs]-[0-9]{8}',
    finds: matches(/(?<![A-Za-z0-9])xox[abprs]-\d{8,}-[A-Za-z0-9-]{20,}/),
  },
  {
    name: 'a live Stripe key',
    coarse: '(sk|rk)_live_[A-Za-z0-9]{20}',
    finds: matches(/(?<![A-Za-z0-9])[sr]k_live_(?!x+\b)[A-Za-z0-9]{20,}/i),
  },
  {
    name: 'a SendGrid key',
    coarse: 'SG\\.[A-Za-z0-9_-]{22}\\.',
    finds: matches(/(?<![A-Za-z0-9])SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}/),
  },
  {
    name: 'an npm token',
    coarse: 'npm_[A-Za-z0-9]{36}',
    finds: matches(/(?<![A-Za-z0-9_])npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])/),
  },
  {
    name: 'a database dump',
    coarse: '^-- (MySQL|MariaDB) dump |^-- phpMyAdmin SQL Dump',
    finds: (text, path) =>
      /\.sql$/i.test(path) && /^-- (?:(?:MySQL|MariaDB) dump |phpMyAdmin SQL Dump)/m.test(text),
  },
];

/** One expression of `grep -E` that lets every file through that a pattern might find. */
export const COARSE = SECRET_PATTERNS.map(({ coarse }) => coarse).join('|');

const HARMLESS_ENV = /^\.env\.(?:example|sample|dist|template|defaults?)$/i;

/** What a file's name alone says; undefined for an ordinary name. */
export function secretName(path: string): string | undefined {
  const name = path.split('/').at(-1) ?? '';
  if (
    /^wp-config(?!-sample\.php$).*\.(?:php|bak|old|orig|save|txt)(?:[.~].*)?$/i.test(name) &&
    !path.includes('/includes/')
  )
    return isOwnConfig(path) ? 'configuration of WordPress' : undefined;
  if (/^\.env(?:\..+)?$/i.test(name) && !HARMLESS_ENV.test(name)) return 'an environment file';
  if (/^id_(?:rsa|dsa|ecdsa|ed25519)$/.test(name)) return 'an SSH key';
  if (/\.(?:p12|pfx|kdbx|jks)$/i.test(name)) return 'a key store';
  if (/^\.(?:htpasswd|netrc|git-credentials)$/i.test(name)) return 'a file of passwords';
  if (/\.sql\.(?:gz|bz2|xz|zst|zip)$/i.test(name)) return 'a database dump';
  return undefined;
}

/** Plugins have code in files called `wp-config-….php` (WP-CLI packages, backup plugins); those lie deep below their folder. */
const isOwnConfig = (path: string): boolean =>
  !/^(?:.*\/)?(?:plugins|mu-plugins|themes)\/[^/]+\/./.test(path) || /\/wp-config\.php$/.test(`/${path}`);
