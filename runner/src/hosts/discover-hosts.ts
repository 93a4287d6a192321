import { isIP } from 'node:net';
import {
  describeGroup,
  describeInstances,
  describeTagged,
  describeTargets,
  healthyInstances,
  healthyTargets,
  instanceAddresses,
  regionOf,
  runningInstances,
} from '../commands/aws.js';
import { readCommand, type ReadCommand } from '../commands/command.js';
import { type HostDiscovery, type SshAddress } from '../config/site.js';
import { UnderstudyError } from '../errors/index.js';
import { type ReadingHost } from './host.js';
import { createLocalHost } from './local-host.js';
import { commandText } from './process/run-command.js';

export interface DiscoverySettings {
  /** The machine that asks; default: the runner itself. */
  readonly runner?: Pick<ReadingHost, 'run'>;
  readonly signal?: AbortSignal | undefined;
}

/** The healthy hosts of an autoscaled group, sorted; never empty. @throws HOST_DISCOVERY_FAILED */
export async function discoverHosts(
  discovery: HostDiscovery,
  settings: DiscoverySettings = {},
): Promise<string[]> {
  const runner = settings.runner ?? createLocalHost('runner', 'runner');
  const { signal } = settings;
  const ask = async (command: ReadCommand): Promise<string> => {
    const result = await runner.run(command, { signal }).catch((error: unknown) => {
      throw failed(error, command);
    });
    return result.stdout.toString();
  };
  switch (discovery.kind) {
    case 'command': {
      const [file, ...args] = discovery.argv;
      if (file === undefined)
        throw new UnderstudyError('HOST_DISCOVERY_FAILED', 'ssh.discover names no command.');
      const command = readCommand(file, ...args);
      return checked(parseHostLines(await ask(command)), commandText(command));
    }
    case 'auto-scaling-group': {
      const { group, region } = discovery;
      const command = describeGroup(group, region);
      const ids = await askAws(command, ask, healthyInstances);
      if (ids === undefined) throw nobody(`There is no group ${group} in ${region}.`, command);
      if (ids.length === 0)
        throw nobody(`The group ${group} in ${region} has no healthy instance in service.`, command);
      return checked(await addressesOf(describeInstances(ids, region), ids, ask), commandText(command));
    }
    case 'target-group':
      return ofTargetGroup(discovery.arn, ask);
    case 'tags': {
      const command = describeTagged(discovery.tags, discovery.region);
      const ids = await askAws(command, ask, runningInstances);
      if (ids.length === 0) throw nobody(`No instance with these tags runs in ${discovery.region}.`, command);
      return checked(await addressesOf(command, ids, ask), commandText(command));
    }
  }
}

async function ofTargetGroup(arn: string, ask: Ask): Promise<string[]> {
  const region = regionOf(arn);
  const command = describeTargets(arn, region);
  const targets = await askAws(command, ask, healthyTargets);
  if (targets.length === 0) throw nobody(`The target group ${arn} has no healthy target.`, command);
  const ids = targets.filter((id) => /^i-[0-9a-z]+$/.test(id));
  const others = targets.filter((id) => !ids.includes(id));
  const odd = others.find((id) => isIP(id) === 0);
  if (odd !== undefined) throw nobody(`The target ${odd} is neither an instance nor an address.`, command);
  const found = ids.length === 0 ? [] : await addressesOf(describeInstances(ids, region), ids, ask);
  return checked([...new Set([...found, ...others])].sort(), commandText(command));
}

type Ask = (command: ReadCommand) => Promise<string>;

/** What `aws` printed, read; cut off or empty it is no answer. */
async function askAws<Answer>(
  command: ReadCommand,
  ask: Ask,
  read: (json: string) => Answer,
): Promise<Answer> {
  const text = await ask(command);
  try {
    return read(text);
  } catch {
    throw nobody(text.trim() === '' ? 'aws printed nothing.' : 'The output of aws is incomplete.', command);
  }
}

/** Of every instance, or an error that names those without one: a promotion has to reach all of them. */
async function addressesOf(command: ReadCommand, ids: readonly string[], ask: Ask): Promise<string[]> {
  const found = await askAws(command, ask, instanceAddresses);
  const missing = ids.filter((id) => !found.has(id));
  if (missing.length > 0)
    throw nobody(
      `aws names no address of the instances ${missing.join(', ')}, though they are in service.`,
      command,
    );
  return [...found.values()].sort();
}

/** One address per discovered host; the address itself where nothing has to be discovered. */
export async function discoverAddresses(
  address: SshAddress,
  settings: DiscoverySettings = {},
): Promise<SshAddress[]> {
  if (!address.discover) return [address];
  const { discover, ...rest } = address;
  return (await discoverHosts(discover, settings)).map((host) => ({ ...rest, host }));
}

const parseHostLines = (text: string): string[] =>
  [
    ...new Set(
      text
        .split('\n')
        .map((line) => line.replace(/#.*/, '').trim())
        .filter((line) => line !== ''),
    ),
  ].sort();

/** A name or an address; nothing that ssh could take for an option. */
const HOST = /^[A-Za-z0-9[:][A-Za-z0-9.:\]_-]*$/;

function checked(hosts: string[], command: string): string[] {
  const odd = hosts.find((host) => !HOST.test(host));
  if (odd !== undefined)
    throw new UnderstudyError('HOST_DISCOVERY_FAILED', `${JSON.stringify(odd)} is not a host name.`, {
      command,
    });
  if (hosts.length === 0)
    throw new UnderstudyError('HOST_DISCOVERY_FAILED', 'No host was found.', { command });
  return hosts;
}

const nobody = (sentence: string, command: ReadCommand): UnderstudyError =>
  new UnderstudyError('HOST_DISCOVERY_FAILED', sentence, { command: commandText(command) });

function failed(error: unknown, command: ReadCommand): unknown {
  if (!(error instanceof UnderstudyError) || error.code === 'INTERRUPTED') return error;
  return new UnderstudyError('HOST_DISCOVERY_FAILED', error.message, {
    command: commandText(command),
    stderr: error.stderr,
    cause: error,
  });
}
