import { type HostAddress } from '../config/site.js';
import { UnderstudyError } from '../errors/index.js';
import { discoverAddresses } from './discover-hosts.js';
import { type ProductionHost, type Side, type WritingHost } from './host.js';
import { createLocalHost } from './local-host.js';
import { type SshSettings } from './ssh/open-ssh.js';
import { isInside, restrictToReading } from './guard/production-host.js';
import { createSshHost } from './ssh/ssh-host.js';

export interface ConnectSettings extends SshSettings {
  readonly side: Side;
  /** As a person names it: `production application`. The address is added. */
  readonly name: string;
}

/** Connects to a machine that may be changed. See {@link openSshConnection} for the errors. */
export async function connectHost(address: HostAddress, settings: ConnectSettings): Promise<WritingHost> {
  const { side, name } = settings;
  if (address.kind === 'local') return createLocalHost(side, name);
  let problem: unknown;
  for (const found of await discoverAddresses(address, settings)) {
    try {
      return await createSshHost(side, name, found, settings);
    } catch (error) {
      // Another instance of an autoscaled group may answer; what is wrong with a key is told.
      if (!(error instanceof UnderstudyError) || error.code !== 'HOST_UNREACHABLE') throw error;
      problem = error;
    }
  }
  throw problem;
}

export interface ConnectProductionSettings extends Omit<ConnectSettings, 'side'> {
  /** Absolute or `~/…`; the only folder that may be written to. */
  readonly workDir: string;
}

/** Connects to production for a sync: reading, and the writing verbs limited to the work folder. */
export async function connectProduction(
  address: HostAddress,
  settings: ConnectProductionSettings,
): Promise<ProductionHost> {
  return asProduction(await connectHost(address, { ...settings, side: 'production' }), settings.workDir);
}

/** Takes the right to write away from a connection to production, but for the work folder. Closes it when it fails. */
export async function asProduction(host: WritingHost, folder: string): Promise<ProductionHost> {
  try {
    const workDir = await expandHome(host, folder);
    if (workDir === '/' || !isInside(workDir, workDir))
      throw new UnderstudyError('CONFIG_INVALID', `production.workDir cannot be ${folder}.`);
    return restrictToReading(host, workDir);
  } catch (error) {
    await host.close();
    throw error;
  }
}

/** `~` and `~/…` as the account's home folder on that host; an absolute path stays. Without trailing slash. */
export async function expandHome(host: Pick<WritingHost, 'identity'>, folder: string): Promise<string> {
  const absolute =
    folder === '~' || folder.startsWith('~/') ? `${(await host.identity()).home}${folder.slice(1)}` : folder;
  return absolute.replace(/(?<=.)\/+$/, '');
}
