/**
 * A password as a value, not one that is read from the environment: in PHP, JSON, JavaScript and serialized PHP; in .env, INI
 * and YAML; in Apache and nginx; in XML.
 */
const WRITTEN = new RegExp(
  [
    /(?:pass|pwd|pw)\w*['"]?\s*(?:=>|,|=|:|;s:\d+:)\s*(['"])(?!\1|%env\(|%\w+%|\$\{)/,
    /^[\t ]*[\w.[-]*(?:pass|pwd)[\w.\]-]*[\t ]*[:=][\t ]*[^\s'"$%{}()[\]<>]\S*[\t ]*$/,
    /(?:SetEnv|fastcgi_param)\s+\w*(?:pass|pwd)\w*\s+\S/,
    /<\w*pass\w*>(?:<!\[CDATA\[)?[^<\s\]]/,
  ]
    .map(({ source }) => `(?:${source})`)
    .join('|'),
  'im',
);

const QUOTED = `['"](?:[^'"\\\\\n]|\\\\.)+['"]`;
const IN_URL = /:\/\/[^\s'"/:@]*:[^\s'"@]+@[^\s'"]*\/$/;
/** `mysqli(host, user, password, name`. */
const IN_CALL = new RegExp(
  `(?:mysqli|connect)\\w*\\s*\\(\\s*[^,]+,\\s*[^,]+,\\s*${QUOTED}\\s*,\\s*['"]$`,
  'i',
);
/** `PDO('mysql:…dbname=name', user, password`. */
const IN_DSN = /dbname=$/i;
const AFTER_DSN = new RegExp(`^[^'"\n]*['"]\\s*,\\s*[^,]+,\\s*${QUOTED}`);
const NAME_KEY = /name|database|schema|db/i;

const NEAR_BYTES = 400;

/**
 * Whether the name of a database that stands at this place is a value, with the password of some account near it: of the
 * application's own, where the site file has one that can only dump.
 */
export function isBesidePassword(text: string, at: number): boolean {
  // JSON may escape each slash of a URL.
  const before = text.slice(Math.max(0, at - NEAR_BYTES), at).replaceAll('\\/', '/');
  const after = text.slice(at, at + NEAR_BYTES);
  const line = before.slice(before.lastIndexOf('\n') + 1);
  if (IN_URL.test(line) || IN_CALL.test(before) || (IN_DSN.test(line) && AFTER_DSN.test(after))) return true;
  return NAME_KEY.test(line) && WRITTEN.test(before + after);
}
