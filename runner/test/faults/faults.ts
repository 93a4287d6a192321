import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runUnderstudy, type RunnerResult } from '../../../sandbox/runner.js';
import { startClient } from '../integration/pages/busy-client.js';
import { type RunningCommand, waitFor } from './command.js';
import { type FaultWorld, LEASE_SECONDS, type Machine, run } from './fault-world.js';

/** What the harness needs to know of what a fault did. */
export interface Struck {
  /** Takes the fault away, once the command has ended. @returns what is wrong with what happened meanwhile */
  heal?(): Promise<readonly string[]>;
  /** Another run has brought this season meanwhile. */
  readonly season?: number;
  /** Production is written to by others. */
  readonly changesProduction?: true;
}

export interface Fault {
  readonly name: string;
  /** Exit codes that may come of it; default: what fits to what staging serves. */
  readonly codes?: readonly number[];
  /** What nobody can know any more when a file is destroyed; it must have been said by what the command says. */
  readonly allowed?: RegExp;
  /** Happens while the runner stands still at the step; it goes on afterwards. */
  strike(world: FaultWorld, command: RunningCommand): Promise<Struck>;
}

const signal = (name: 'SIGKILL' | 'SIGTERM', code: number): Fault => ({
  name,
  codes: [code],
  strike: async (_world, command) => {
    command.signal(name);
    return {};
  },
});

const kill = signal('SIGKILL', 137);
const terminate = signal('SIGTERM', 130);

/** The process stands still until its lease is over and another run is at work. */
const suspended: Fault = {
  name: 'suspended beyond its lease, another run begins',
  codes: [6],
  strike: async (world) => {
    await sleep((LEASE_SECONDS + 1) * 1000);
    const season = await world.publish();
    let said = '';
    let over = false;
    const workspace = path.join(world.world.folder, 'workspace-other');
    const other = runUnderstudy(
      { sites: world.world.sites, workspace, onOutput: (text) => (said = text) },
      ...['sync', 'acme'],
    ).finally(() => (over = true));
    await waitFor(
      () => said.includes('Importing rows'),
      () => over,
    );
    return { season, heal: async () => ended(await other, 'the other run') };
  },
};

/** What is wrong with a command that should have ended well. */
export const ended = ({ code, stdout, stderr }: RunnerResult, who: string): string[] =>
  code === 0 ? [] : [`${who} ended with ${String(code)}: ${stderr || stdout.slice(-500)}`];

const connectionsBreak = (machine: 'staging' | 'production-app' | 'production-db'): Fault => ({
  name: `ssh to ${machine} cut`,
  strike: async ({ links }) => {
    links[machine].breakAll();
    return {};
  },
});

/** No byte comes through, and nobody is told. */
const stalled = (machine: 'staging' | 'production-app' | 'production-db'): Fault => ({
  name: `link to ${machine} stalled`,
  strike: async ({ links }) => {
    links[machine].cut();
    return {
      heal: async () => {
        links[machine].join();
        return [];
      },
    };
  },
});

/** The first process of a host with such a command line, as soon as there is one. */
const programKilled = (
  machine: 'staging' | 'production-app' | 'production-db',
  what: string,
  line: RegExp,
): Fault => ({
  name: `${what} killed on ${machine}`,
  strike: async (world, command) => {
    command.signal('SIGCONT');
    const home = `HOME=${world.world.hosts[machine].home}\0`;
    await waitFor(() => killFirst(home, line), command.isOver);
    return {};
  },
});

function killFirst(home: string, line: RegExp): boolean {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!line.test(readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' '))) continue;
      if (!readFileSync(`/proc/${pid}/environ`, 'latin1').includes(home)) continue;
      process.kill(Number(pid), 'SIGKILL');
      return true;
    } catch {
      continue;
    }
  }
  return false;
}

const databaseRestarts = (how: 'restarted' | 'killed and started again'): Fault => ({
  name: `staging's database ${how}`,
  strike: async (world, command) => {
    // It goes on while the server is away.
    command.signal('SIGCONT');
    await world.restartDatabase(how !== 'restarted', 1500);
    return {};
  },
});

const diskFull = (machine: Machine): Fault => ({
  name: `disk full: ${machine}`,
  strike: async (world) => {
    const filler = world.filler(machine);
    writeFileSync(filler, '');
    const { bavail, bsize } = statfsSync(path.dirname(filler));
    await run('fallocate', ['-l', String(Number(bavail) * Number(bsize)), filler]).catch(() => undefined);
    await run('sh', [
      '-c',
      'dd if=/dev/zero of="$1" bs=4k oflag=append conv=notrunc 2>/dev/null; :',
      'sh',
      filler,
    ]);
    return {
      heal: async () => {
        truncateSync(filler, 0);
        rmSync(filler);
        return [];
      },
    };
  },
});

const revoked = (side: 'production' | 'staging', what: string, on: string): Fault => ({
  name: `${what} on ${on.replaceAll(/[`\\]/g, '')} revoked`,
  strike: async ({ world }) => {
    const { server, account } = world[side];
    const whose = `'${account.user}'@'%'`;
    await server.query(`REVOKE ${what} ON ${on} FROM ${whose}`);
    return {
      heal: async () => {
        await server.query(`GRANT ALL ON ${on} TO ${whose}`);
        return [];
      },
    };
  },
});

/** Somebody's session holds the table until the command has ended. */
const locked = (side: 'production' | 'staging', seconds: number): Fault => ({
  name: `wp_posts of ${side} locked${seconds < 100 ? ` for ${String(seconds)} s` : ''}`,
  strike: async ({ world }) => {
    const { server, database } = world[side];
    const client = spawn('mariadb', ['--no-defaults', `--socket=${server.socket}`, database], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    client.stdin.write('LOCK TABLES wp_posts WRITE;\n');
    await sleep(300);
    const timer = setTimeout(() => client.kill('SIGKILL'), seconds * 1000);
    return {
      heal: async () => {
        clearTimeout(timer);
        client.kill('SIGKILL');
        await sleep(200);
        return [];
      },
    };
  },
});

const immutable = (name: string, file: (world: FaultWorld) => string): Fault => ({
  name: `${name} immutable`,
  strike: async (world) => {
    await run('chattr', ['+i', file(world)]);
    return {
      heal: async () => {
        await run('chattr', ['-i', file(world)]);
        return [];
      },
    };
  },
});

/** The clock of the hosts jumps; the runner's stays. */
const clock = (offset: '+1 hour' | '-1 hour'): Fault => ({
  name: `hosts' clocks jump by ${offset}`,
  codes: [0],
  strike: async ({ programs }) => {
    writeFileSync(path.join(programs, 'clock'), offset);
    return {
      heal: async () => {
        rmSync(path.join(programs, 'clock'));
        return [];
      },
    };
  },
});

/** WordPress and its visitors at work on both sides, all the time. */
const busy: Fault = {
  name: 'both sides write, visitors ask pages all the time',
  // In replace mode a program that writes past the maintenance page keeps the imported rows from being proven, the
  // restored ones too: the page stays on until it stops.
  codes: [0, 7],
  strike: async (world) => {
    const { production, staging } = world.world;
    let isOver = false;
    const late = path.join(production.root, 'wp-content/acme-late');
    const write = async (side: typeof production): Promise<void> => {
      for (let count = 0; !isOver; count += 1) {
        await side.server
          .query(
            `INSERT INTO wp_postmeta (post_id, meta_key, meta_value) VALUES (1, 'acme_busy', UUID());
             UPDATE wp_options SET option_value = UUID() WHERE option_name = 'acme_busy'`,
            side.database,
          )
          .catch(() => undefined);
        if (side === production) {
          writeFileSync(path.join(late, `busy-${String(count % 20)}.php`), `<?php // ${String(count)}\n`);
          rmSync(path.join(late, `busy-${String((count + 10) % 20)}.php`), { force: true });
        }
        await sleep(20);
      }
    };
    const client = startClient(world.world, 2);
    const writers = [production, staging].map(write);
    const heal = async (): Promise<readonly string[]> => {
      isOver = true;
      await Promise.all(writers);
      const { whole, mixed, errors } = await client.stop();
      for (let count = 0; count < 20; count += 1)
        rmSync(path.join(late, `busy-${String(count)}.php`), { force: true });
      const pages = [...mixed.map((page) => `mixed: ${page}`), ...errors.map((page) => `error: ${page}`)];
      return whole === 0 ? ['no page was answered', ...pages] : pages;
    };
    return { changesProduction: true, heal };
  },
};

export const faults = {
  busy,
  kill,
  terminate,
  suspended,
  connectionsBreak,
  stalled,
  programKilled,
  databaseRestarts,
  diskFull,
  revoked,
  locked,
  immutable,
  clock,
};
