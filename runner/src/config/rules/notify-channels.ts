import { isMapping } from '../mapping.js';
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
  return [];
};
