import { isMapping, type Mapping } from '../mapping.js';
import { type Complaint } from '../problem.js';
import { type Rule } from './rule.js';

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
