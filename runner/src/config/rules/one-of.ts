import { isMapping, type Mapping, valuesIn, type KeyPath, mappingOf } from '../mapping.js';
import { type Complaint } from '../problem.js';
import { looksLikeSecret } from '../secrets/secret-reference.js';
import { type Rule } from './rule.js';

/** Keys that exclude each other, by the name of the mapping they stand in. */
const CHOICES: readonly {
  readonly at: (path: KeyPath) => boolean;
  readonly keys: readonly string[];
  readonly needed: boolean;
}[] = [
  {
    at: (path) => path.at(-1) === 'discover',
    keys: ['autoScalingGroup', 'targetGroup', 'tags', 'command'],
    needed: true,
  },
  { at: (path) => path.at(-1) === 'portainer', keys: ['webhook', 'api'], needed: true },
  { at: (path) => path.length === 2 && path[1] === 'database', keys: ['host', 'socket'], needed: false },
  { at: (path) => path.length === 2 && path[1] === 'database', keys: ['port', 'socket'], needed: false },
  { at: (path) => path.at(-1) === 'ssh', keys: ['host', 'discover'], needed: true },
  { at: (path) => path.at(-1) === 'via', keys: ['host'], needed: true },
  { at: (path) => path.at(-2) === 'mask', keys: ['selector', 'width'], needed: true },
];

/** `{credential}`, `{env}` and `{file}` exclude each other; so do a few other keys. */
export const oneOf: Rule = (site) => {
  const complaints: Complaint[] = [];
  for (const [value, path] of valuesIn(site.raw)) {
    if (!isMapping(value)) continue;
    if (looksLikeSecret(value)) complaints.push(...choose(value, path, ['credential', 'env', 'file'], true));
    for (const choice of CHOICES)
      if (choice.at(path)) complaints.push(...choose(value, path, choice.keys, choice.needed));
    if (value['kind'] !== undefined && looksLikeSecret(value) && value['credential'] === undefined)
      complaints.push({ path: [...path, 'kind'], message: 'Only a credential has a kind.' });
  }
  return complaints;
};

function choose(value: Mapping, path: KeyPath, keys: readonly string[], needed: boolean): Complaint[] {
  const given = keys.filter((key) => value[key] !== undefined);
  if (given.length > 1) return [{ path, message: `Only one of ${keys.join(', ')} may be given.` }];
  if (given.length === 1 || !needed) return [];
  return [
    {
      path,
      message:
        keys.length === 1 ? `The key ${keys[0] ?? ''} is missing.` : `One of ${keys.join(', ')} is needed.`,
    },
  ];
}

const SECTIONS: Readonly<Record<string, string>> = { archive: 'archive', repository: 'publish' };

/** An instance refresh would bring old code where instances take it from something that no command fills. */
export const bootSource: Rule = ({ raw }) => {
  const { instancesBootFrom: source, instanceRefresh } = mappingOf(raw['maintenance']);
  const section = typeof source === 'string' && instanceRefresh === true ? SECTIONS[source] : undefined;
  if (section === undefined || raw[section] !== undefined) return [];
  return [
    {
      path: ['maintenance', 'instancesBootFrom'],
      message: `New instances take their code from the ${String(source)}, and the section ${section} is missing.`,
      suggestion: `add ${section}, or let instanceRefresh be false`,
    },
  ];
};

/** A section that tells nobody is a mistake, and a password does not travel unprotected. */
export const notifyChannels: Rule = ({ raw }) => {
  const notify = raw['notify'];
  if (!isMapping(notify)) return [];
  const { webhook, slack, teams, email } = notify;
  if ([webhook, slack, teams, email].every((channel) => channel === undefined))
    return [{ path: ['notify'], message: 'At least one of slack, teams, email, webhook is needed.' }];
  if (isMapping(email) && email['security'] === 'none' && email['login'] !== undefined)
    return [
      {
        path: ['notify', 'email', 'login'],
        message: 'With security: none the password would travel unprotected; use starttls or tls.',
      },
    ];
  return isMapping(email) ? mailAddresses(email) : [];
};

/** `ops@example.com`, `Ops <ops@example.com>`: one address, without what SMTP or a header would take for its own. */
const ADDRESS = /^(?:[^<>\r\n]*<)?[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9.-]+>?$/;

const mailAddresses = ({ from, to }: Mapping): Complaint[] =>
  [
    { path: ['notify', 'email', 'from'], value: from },
    ...[to ?? []].flat().map((value, index) => ({ path: ['notify', 'email', 'to', index], value })),
  ].flatMap(({ path, value }) =>
    typeof value === 'string' && (!ADDRESS.test(value) || value.includes('<') !== value.endsWith('>'))
      ? [{ path, message: 'This is not a mail address: ops@example.com, or Ops <ops@example.com>.' }]
      : [],
  );

/** A site that is not WordPress has no wp-config.php to read: its file names the databases. */
export const plainSite: Rule = (site) => {
  if (site.raw['type'] !== 'php') return [];
  const complaints: Complaint[] = [];
  if (mappingOf(mappingOf(site.raw['content'])['media'])['mode'] === 'read-through')
    complaints.push({
      path: ['content', 'media', 'mode'],
      message: 'Only WordPress sites read media through by themselves.',
      suggestion: "write mode: excluded, and give staging's web server the rule of docs/media.md",
    });
  for (const side of [site.production, site.staging]) {
    const database = mappingOf(side.raw['database']);
    for (const key of ['name', 'user', 'password'])
      if (database[key] === undefined)
        complaints.push({
          path: [side.side, 'database'],
          message: `The key ${key} is missing: only WordPress sites define it themselves.`,
        });
  }
  return complaints;
};
