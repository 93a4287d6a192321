import { mkdirSync } from 'node:fs';
import { runUnderstudy } from '../../../sandbox/runner.js';
import { type Network, type Traffic } from '../../../sandbox/servers/network.js';
import { type World } from '../../../sandbox/world.js';

/** What one part of a command took. */
export interface NetworkPart extends Traffic {
  /** `Preflight`, a stage's label; `start` and `end` for what is around them. */
  readonly name: string;
  readonly seconds: number;
}

/** @returns what says how much has passed since */
export function startMeasuring(network: Network): (name: string) => NetworkPart {
  const [before, at] = [network.traffic(), performance.now()];
  return (name) => {
    const now = network.traffic();
    const bytesBy = Object.entries(now.bytesBy).map(
      ([link, bytes]) => [link, bytes - (before.bytesBy[link] ?? 0)] as const,
    );
    return {
      name,
      seconds: (performance.now() - at) / 1000,
      roundTrips: now.roundTrips - before.roundTrips,
      connections: now.connections - before.connections,
      bytes: now.bytes - before.bytes,
      bytesBy: Object.fromEntries(bytesBy),
    };
  };
}

/** Runs the bundled runner over the network, and takes its output's headlines for the bounds of its parts. */
export async function networkRun(
  world: World,
  network: Network,
  ...words: string[]
): Promise<{ readonly whole: NetworkPart; readonly parts: readonly NetworkPart[] }> {
  mkdirSync(world.workspace, { recursive: true });
  const began = startMeasuring(network);
  let last = began;
  let [name, lines] = ['start', 0];
  const parts: NetworkPart[] = [];
  const cut = (next: string): void => {
    parts.push(last(name));
    last = startMeasuring(network);
    name = next;
  };
  const onOutput = (stdout: string): void => {
    const all = stdout.split('\n');
    for (const line of all.slice(lines, -1)) {
      if (line.startsWith('── ')) cut(line.replace(/^── (?:Stage \d of \d: )?|(?: \(.* so far\))$/g, ''));
      else if (/^ {3}[✓✗] /.test(line)) cut('end');
    }
    lines = all.length - 1;
  };
  const result = await runUnderstudy({ sites: world.sites, workspace: world.workspace, onOutput }, ...words);
  cut('');
  if (result.code !== 0)
    throw new Error(
      `understudy ${words.join(' ')}: exit code ${result.code}\n${result.stdout}\n${result.stderr}`,
    );
  return {
    whole: began('whole'),
    parts: parts.filter((part) => part.seconds > 0.05 || part.roundTrips > 0),
  };
}
