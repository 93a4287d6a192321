import { type CoreOffer, type ListedItem } from '../../commands/wp.js';
import { type MaintenanceSettings, type UpdateRules } from '../../config/sections.js';
import { type UpdateItem } from '../maintenance-record.js';
import { type UpdateTarget } from './update-context.js';

/** Either it is updated, or it stays, with the reason. `undefined`: nothing is offered and nothing is to be said. */
export type Decision =
  { readonly update: UpdateTarget } | { readonly stays: Omit<UpdateItem, 'seconds'> } | undefined;

/** One plugin or theme. @param installed what the files say */
export function decideItem(
  kind: 'plugin' | 'theme',
  item: ListedItem,
  installed: string,
  rules: UpdateRules,
): Decision {
  // Files of one piece that nobody updates: must-use plugins and drop-ins.
  if (item.status === 'must-use' || item.status === 'dropin') return undefined;
  const offered = item.update_version === '' ? '' : item.update_version;
  const base = { kind, slug: item.name, title: item.title || item.name, from: installed, offered } as const;
  const stays = (state: UpdateItem['state'], ...evidence: string[]): Decision => ({
    stays: { ...base, to: installed, state, evidence },
  });
  const pin = rules.pin[item.name];
  if (pin !== undefined) {
    return pin === installed
      ? stays('pinned', `pinned to ${pin}${offered === '' ? '' : `; ${offered} is offered`}`)
      : { update: { ...base, offered: pin, pinned: true, ...changelogOf(kind, item) } };
  }
  if (offered === '') return item.update === 'none' || item.update === '' ? undefined : stays('current');
  if (rules.exclude.includes(item.name)) return stays('excluded', 'excluded in the site file');
  if (item.update === 'unavailable')
    return stays('excluded', `${offered} needs another version of WordPress or PHP`);
  if (rules.securityOnly && !sameMinor(installed, offered))
    return stays(
      'excluded',
      `${offered} is another minor version. Security releases stay within one; whether this one is a security release cannot be known, so it counts as none.`,
    );
  if (item.update_package === '')
    return stays(
      'no-package',
      `${offered} is known but cannot be fetched: a licence is missing on staging, or the vendor delivers it by hand`,
    );
  return { update: { ...base, ...changelogOf(kind, item) } };
}

/** WordPress itself. `minor` stays within 6.5.x. */
export function decideCore(
  offers: readonly CoreOffer[],
  installed: string,
  policy: MaintenanceSettings['core'],
): Decision {
  const newer = offers
    .filter(({ version }) => compareVersions(version, installed) > 0)
    .sort((a, b) => compareVersions(b.version, a.version));
  const best = newer[0];
  if (best === undefined) return undefined;
  const base = { kind: 'core', slug: 'wordpress', title: 'WordPress', from: installed } as const;
  const allowed =
    policy === 'none'
      ? undefined
      : policy === 'major'
        ? best
        : newer.find(({ version }) => sameMinor(version, installed));
  if (allowed === undefined) {
    const why =
      policy === 'none'
        ? 'the site file leaves WordPress itself alone'
        : `${best.version} is a major version; the site file allows minor ones`;
    return { stays: { ...base, offered: best.version, to: installed, state: 'excluded', evidence: [why] } };
  }
  return {
    update: {
      ...base,
      offered: allowed.version,
      changelog: `https://wordpress.org/documentation/wordpress-version/version-${allowed.version.replaceAll('.', '-')}/`,
    },
  };
}

/** Known only for what wordpress.org delivers. */
function changelogOf(kind: 'plugin' | 'theme', item: ListedItem): { changelog?: string } {
  if (!/^https:\/\/downloads\.wordpress\.org\//.test(item.update_package)) return {};
  return {
    changelog:
      kind === 'plugin'
        ? `https://wordpress.org/plugins/${item.name}/#developers`
        : `https://wordpress.org/themes/${item.name}/`,
  };
}

const parts = (version: string): (number | string)[] =>
  version
    .split(/[.+_-]|(?<=\d)(?=[a-z])|(?<=[a-z])(?=\d)/i)
    .filter((part) => part !== '')
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part.toLowerCase()));

/** As PHP's version_compare orders them for releases: `6.10 > 6.9`, `2.0 > 2.0-rc1`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parts(a), parts(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const [one, two] = [left[index], right[index]];
    const order = rank(one) - rank(two);
    if (order !== 0) return order;
    if (typeof one === 'number' && typeof two === 'number' && one !== two) return one - two;
  }
  return 0;
}

/** dev < alpha < beta < rc < nothing < number < patch level; the manual's list. */
function rank(part: number | string | undefined): number {
  if (part === undefined) return 4;
  if (typeof part === 'number') return 5;
  const known = ['dev', 'alpha', 'beta', 'rc'].findIndex((word) => part.startsWith(word.slice(0, 5)));
  if (known >= 0) return known;
  return part.startsWith('p') ? 6 : -1;
}

/** `5.3.1` and `5.3.9`; a version without a third part has the third part 0. */
const sameMinor = (a: string, b: string): boolean => {
  const [left, right] = [parts(a), parts(b)];
  return left[0] === right[0] && (left[1] ?? 0) === (right[1] ?? 0);
};
