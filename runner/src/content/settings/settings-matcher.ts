import { secretForms } from './secret-forms.js';

/** What a file of settings holds of a side. Plain text: it is not printed, and goes to a host by stdin alone. */
export interface SideSecrets {
  /** '' where the account has none. */
  readonly password: string;
  readonly user: string;
  readonly name: string;
  /** The other side's database has this name as well, so it says nothing alone. */
  readonly nameIsShared?: boolean;
  /** WordPress' keys and salts. */
  readonly salts: readonly string[];
}

/** Why a file counts as settings, as the end of a sentence: `it holds …`. */
export type SettingsReason =
  | 'the password of the database'
  | 'the user and the name of the database'
  | 'the name of the database beside a password'
  | "a key or salt of WordPress' logins";

/** What is searched for on the host, each list as forms (secret-forms.ts). */
interface CoarsePatterns {
  /** One of them is enough. */
  readonly strong: readonly string[];
  /** Words that count together with another one. */
  readonly password: readonly string[];
  readonly user: readonly string[];
  readonly name: readonly string[];
  /** Names that say enough where the file has a password of whatever account. */
  readonly besidePassword: readonly string[];
}

/** wp-config-sample.php, and what WordPress makes of it. */
const PLACEHOLDER = 'put your unique phrase here';

/** A password that no other text holds by chance; `wordpress` or `secret` are words of many files. */
const isStrongPassword = (value: string): boolean =>
  value.length >= 8 &&
  [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((kind) => kind.test(value)).length >= 2;

const isDistinctive = (value: string): boolean => value.length >= 6 && /[^a-z]/.test(value);

/** Tells settings of a side from other files by what they hold. Searches bytes. */
export interface SettingsMatcher {
  readonly patterns: CoarsePatterns;
  /** What makes this file one of settings; undefined: nothing. */
  reasonOf(content: Buffer): SettingsReason | undefined;
}

/** @param accounts those of the site itself and of the site file, which may differ */
export function settingsMatcher(accounts: readonly SideSecrets[]): SettingsMatcher {
  const matchers = accounts.map((account) => new AccountMatcher(account));
  const all = (of: (patterns: CoarsePatterns) => readonly string[]): string[] => [
    ...new Set(matchers.flatMap(({ patterns }) => of(patterns))),
  ];
  return {
    patterns: {
      strong: all(({ strong }) => strong),
      password: all(({ password }) => password),
      user: all(({ user }) => user),
      name: all(({ name }) => name),
      besidePassword: all(({ besidePassword }) => besidePassword),
    },
    reasonOf: (content) =>
      matchers.map((matcher) => matcher.reasonOf(content)).find((reason) => reason !== undefined),
  };
}

/**
 * What of one side's secrets is not the other's as well. Production's in a file of staging mean that staging works as
 * production. Where both sides have one password, or one user and name, these prove nothing.
 */
export function secretsOfOneSide(
  side: readonly SideSecrets[],
  other: readonly SideSecrets[],
): readonly SideSecrets[] {
  return side.map(({ password, user, name }) => {
    const samePair = other.some((own) => own.user === user && own.name === name);
    return {
      password: other.some((own) => own.password === password) ? '' : password,
      user: samePair ? '' : user,
      name: samePair ? '' : name,
      nameIsShared: other.some((own) => own.name === name),
      salts: [],
    };
  });
}

class AccountMatcher {
  readonly patterns: CoarsePatterns;
  readonly #salts: readonly string[];
  readonly #strongPassword: readonly string[];
  readonly #distinctive: boolean;

  constructor({ password, user, name, nameIsShared = false, salts: given }: SideSecrets) {
    const salts = given.filter((salt) => !salt.includes(PLACEHOLDER));
    const isStrong = isStrongPassword(password);
    this.#salts = salts.flatMap(secretForms);
    this.#strongPassword = isStrong ? secretForms(password) : [];
    this.#distinctive = isDistinctive(user) || isDistinctive(name);
    // Two words of everyday language say nothing where the password says it all.
    const pair = this.#distinctive || !isStrong;
    this.patterns = {
      strong: [...this.#salts, ...this.#strongPassword],
      password: isStrong ? [] : secretForms(password),
      user: pair ? secretForms(user) : [],
      name: pair ? secretForms(name) : [],
      besidePassword: isDistinctive(name) && !nameIsShared ? secretForms(name) : [],
    };
  }

  reasonOf(content: Buffer): SettingsReason | undefined {
    const text = content.toString('latin1');
    if (this.#strongPassword.some((form) => text.includes(form))) return 'the password of the database';
    const { password, user, name } = this.patterns;
    const [users, names] = [tokens(text, user), tokens(text, name)];
    const passwords = tokens(text, password).filter((at) => isAssigned(text, at, /pass|pwd|secret/i));
    if (passwords.some((at) => isNear(at, users) || isNear(at, names))) return 'the password of the database';
    if (this.#hasPair(text, users, names)) return 'the user and the name of the database';
    if (tokens(text, this.patterns.besidePassword).some((at) => isBesidePassword(text, at)))
      return 'the name of the database beside a password';
    return this.#salts.some((form) => text.includes(form)) ? "a key or salt of WordPress' logins" : undefined;
  }

  /** Two tokens; one may not stand for both. Words of everyday language count only where they are assigned. */
  #hasPair(text: string, users: readonly number[], names: readonly number[]): boolean {
    const [one, two] = this.#distinctive
      ? [users, names]
      : [
          users.filter((at) => isAssigned(text, at, /user|login|account/i)),
          names.filter((at) => isAssigned(text, at, /name|database|schema|db/i)),
        ];
    return one.some((user) => two.some((name) => name !== user));
  }
}

const BEFORE = /[\s'"`=:/>,([{;|]/;
const AFTER = /[\s'"`;,:@?&<)\]}\\|/]/;

/** Where a form stands as a value of its own: `acme` in `'acme'` and `//acme:pw@host`, not in `acme.com`. */
function tokens(text: string, forms: readonly string[]): readonly number[] {
  const found = new Set<number>();
  for (const form of forms)
    for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1)) {
      const [before, after] = [text[at - 1], text[at + form.length]];
      if ((before === undefined || BEFORE.test(before)) && (after === undefined || AFTER.test(after)))
        found.add(at);
    }
  return [...found];
}

const NEAR_BYTES = 1000;
const isNear = (at: number, others: readonly number[]): boolean =>
  others.some((other) => other !== at && Math.abs(other - at) <= NEAR_BYTES);

/** Behind a key of that name in the same line, in a call that connects, or in a URL (`mysql://user:…@host/name`). */
function isAssigned(text: string, at: number, key: RegExp): boolean {
  const line = text.slice(Math.max(0, at - 80, text.lastIndexOf('\n', at - 1) + 1), at);
  return key.test(line) || /mysqli|pdo|connect\w*\s*\(/i.test(line) || /:\/\/(?:[^\s'"]*[/:])?$/.test(line);
}

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

const AROUND_BYTES = 400;

/**
 * Whether the name of a database that stands at this place is a value, with the password of some account near it: of the
 * application's own, where the site file has one that can only dump.
 */
function isBesidePassword(text: string, at: number): boolean {
  // JSON may escape each slash of a URL.
  const before = text.slice(Math.max(0, at - AROUND_BYTES), at).replaceAll('\\/', '/');
  const after = text.slice(at, at + AROUND_BYTES);
  const line = before.slice(before.lastIndexOf('\n') + 1);
  if (IN_URL.test(line) || IN_CALL.test(before) || (IN_DSN.test(line) && AFTER_DSN.test(after))) return true;
  return NAME_KEY.test(line) && WRITTEN.test(before + after);
}
