import {
  secretsOfOneSide,
  type SettingsMatcher,
  settingsMatcher,
  type SideSecrets,
} from '../../content/settings/settings-matcher.js';
import { type DatabaseAccess } from '../../database/connection/access.js';
import { type WordPressSettings } from '../../wordpress/settings/wordpress-settings.js';
import { type StageContext } from '../stage.js';

export interface SideMatchers {
  /** Production's: what never leaves production. */
  readonly production: SettingsMatcher;
  /** Production's secrets that are not staging's own as well. */
  readonly foreign: SettingsMatcher;
  /** Staging's own. */
  readonly staging: SettingsMatcher;
  /** Staging's secrets that are not production's as well: only these prove what staging works with. */
  readonly own: SettingsMatcher;
}

/** From the site file and wp-config.php of both sides. */
export async function sideMatchers(
  context: Pick<StageContext, 'database' | 'wordpress'>,
): Promise<SideMatchers> {
  const { database, wordpress } = context;
  const [production, staging] = await Promise.all([
    secretsOf(database.production(), wordpress?.production()),
    secretsOf(database.staging(), wordpress?.staging()),
  ]);
  return {
    production: settingsMatcher(production),
    foreign: settingsMatcher(secretsOfOneSide(production, staging)),
    staging: settingsMatcher(staging),
    own: settingsMatcher(secretsOfOneSide(staging, production)),
  };
}

/** The account of the site file may be another one than the site's own, for instance one that can only dump. */
async function secretsOf(
  access: Promise<DatabaseAccess>,
  settings: Promise<WordPressSettings | undefined> | undefined,
): Promise<readonly SideSecrets[]> {
  const [{ password, user, name }, wordpress] = await Promise.all([access, settings]);
  const own = wordpress?.database;
  const inFile: SideSecrets = {
    password: own?.password?.reveal() ?? '',
    user: own?.user ?? '',
    name: own?.name ?? '',
    salts: wordpress?.salts.map((salt) => salt.reveal()) ?? [],
  };
  const inSiteFile: SideSecrets = { password: password.reveal(), user, name, salts: [] };
  return wordpress === undefined ? [inSiteFile] : [inFile, inSiteFile];
}
