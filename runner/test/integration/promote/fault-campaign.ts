import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { ensureBundle } from '../../../../sandbox/runner.js';
import { quoteForAnyShell } from '../../../src/commands/quote.js';
import { UnderstudyError } from '../../../src/errors/index.js';
import { type MaintenanceRecord } from '../../../src/maintenance/maintenance-record.js';
import { type MaintenanceHandle } from '../../../src/maintenance/maintenance-store.js';
import { promote } from '../../../src/pipelines/promotion/promote.js';
import { asProductionSession } from '../../../src/pipelines/promotion/with-production.js';
import { endPromotion, rollBackPromotion } from '../../../src/pipelines/promotion/promotion-rollback.js';
import { type FaultRow } from '../../faults/row.js';
import { runAndKillWhen } from '../sandbox/kill-at.js';
import { createPromoteWorld, plugin, testedRun, writePlugin, type PromoteWorld } from './promote-world.js';

const run = promisify(execFile);
const PLUGIN = 'wp-content/plugins/acme-tool/acme-tool.php';
const NEW = 'wp-content/plugins/acme-tool/new file.php';
const OLD = 'wp-content/plugins/acme-old';
const HOSTS = [1, 2, 3] as const;
type HostNumber = (typeof HOSTS)[number];

export type Direction = 'promotion' | 'rollback';
export type Fault = 'disk full' | 'path taken' | 'connection lost' | 'host gone' | 'kill -9';
export const FAULTS: readonly Fault[] = [
  'disk full',
  'path taken',
  'connection lost',
  'host gone',
  'kill -9',
];

export interface Step {
  readonly name: string;
  /**
   * Text of the command at which the fault happens: just before it begins. Within one line, and without the characters
   * that are escaped on the way through a login shell ({@link quoteForAnyShell}).
   */
  readonly pattern: string;
  /** What stands in its way when a path is taken; undefined: nothing can. Seen from the instance's folder. */
  readonly taken?: string;
}

const journalTaken = 'rm -rf "$p/journal.json"; mkdir -p "$p/journal.json/x"';
const journal = (phase: string): Step => ({
  name: `note ${phase}`,
  pattern: `"phase":"${phase}"`,
  taken: journalTaken,
});
const pageTaken = 'mkdir -p "$live/.maintenance/x"';

export const STEPS: Readonly<Record<Direction, readonly Step[]>> = {
  promotion: [
    journal('copying'),
    {
      name: 'prepare incoming',
      pattern: 'rm -f -- "$run/content/changed"',
      taken: 'rm -rf "$p/runs"; : > "$p/runs"',
    },
    { name: 'keep modes', pattern: 'was=-x' },
    journal('page'),
    { name: 'page on', pattern: '.maintenance.understudy', taken: pageTaken },
    journal('switching'),
    { name: 'fix the plan', pattern: 'plan.new', taken: 'rm -rf "$p/retired"; : > "$p/retired"' },
    {
      name: 'switch',
      pattern: 'link $now, $kept',
      taken:
        'mv "$live/wp-content/plugins/acme-tool" "$p/../aside"; echo x > "$live/wp-content/plugins/acme-tool"',
    },
    journal('upgrading'),
    journal('open'),
    { name: 'page off', pattern: 'if [ -f "$1/.maintenance" ] && grep -qF' },
    { name: 'prune', pattern: 'mv -- "$gen/inventory.new" "$gen/inventory"' },
    journal('ended'),
  ],
  rollback: [
    journal('page'),
    { name: 'page on', pattern: '.maintenance.understudy', taken: pageTaken },
    journal('switching'),
    {
      name: 'begin to undo',
      pattern: '-e "$1/undone" ] || exit 3',
      taken: 'rm -rf "$p/runs"; : > "$p/runs"',
    },
    { name: 'undo', pattern: '$over && link $now, $new', taken: `echo x > "$live/${OLD}"` },
    { name: 'note undone', pattern: ': > "$1/undone"' },
    journal('open'),
    { name: 'page off', pattern: 'if [ -f "$1/.maintenance" ] && grep -qF' },
    { name: 'prune', pattern: 'mv -- "$gen/inventory.new" "$gen/inventory"' },
    journal('ended'),
  ],
};

interface HostState {
  readonly code: 'former' | 'tested' | 'mixed';
  readonly page: boolean;
  readonly status: number;
}

/** One world in which every step meets every fault, on every host. */
export class Campaign {
  private constructor(
    readonly world: PromoteWorld,
    readonly tested: MaintenanceHandle,
  ) {}

  static async create(): Promise<Campaign> {
    process.env['UNDERSTUDY_CHROMIUM'] = 'none';
    await ensureBundle();
    const world = await createPromoteWorld({ faults: { megabytes: 150 } });
    const tested = await testedRun(world, async () => {
      await writePlugin(world, 2);
      await writeFile(world.staging(NEW), '<?php // new\n');
      await rm(world.staging(OLD), { recursive: true });
    });
    const campaign = new Campaign(world, tested);
    await campaign.#keep('promotion');
    await campaign.#command('promotion');
    await campaign.#keep('rollback');
    return campaign;
  }

  stop(): Promise<void> {
    return this.world.stop();
  }

  async try(
    direction: Direction,
    step: Step,
    host: HostNumber,
    fault: Fault,
  ): Promise<Pick<FaultRow, 'outcome' | 'wrong'> | undefined> {
    if (fault === 'path taken' && step.taken === undefined) return undefined;
    const { world } = this;
    await this.#reset(direction);
    await this.#arm(step, host, fault);
    const error = fault === 'kill -9' ? await this.#killed(direction) : await this.#command(direction);
    const met = !existsSync(world.own(host, 'fault.pattern'));
    const wrong: string[] = met ? [] : ['the fault was never met'];
    const states = await this.#states();
    const name = `127.0.0.3${String(host)}`;
    const one = consistent(states);
    const said =
      error?.code === 'PRODUCTION_NEEDS_REPAIR' &&
      error.details.some((line) => line.includes(name)) &&
      error.next.includes('--recover');
    if (fault !== 'kill -9' && one === undefined && !said)
      wrong.push(`not one code, and not said: ${show(states)}; ${error?.message ?? 'no error'}`);
    this.#assertRecord(states, wrong);
    if (fault !== 'kill -9' && one !== undefined && error === undefined && one !== goalOf(direction))
      wrong.push(`the command ended well, and the ${one} code serves`);
    if (one === undefined) this.#assertSeen(host, wrong);
    await this.#heal(host);
    const recovery = await this.#recover();
    const after = await this.#states();
    const end = consistent(after);
    if (recovery !== undefined || end === undefined)
      wrong.push(
        `after --recover: ${show(after)}; ${recovery?.message ?? ''} ${recovery?.details.join('; ') ?? ''}`,
      );
    this.#assertRecord(after, wrong);
    await this.#assertDatabase(direction, end, wrong);
    const first = one === undefined ? (fault === 'kill -9' ? 'killed' : 'said which host') : `all ${one}`;
    return {
      wrong,
      outcome: `${first}${error === undefined ? '' : ` (${error.code})`} → all ${end ?? '?'}`,
    };
  }

  /** Folder with journal and generations, below the instance's home. */
  #promotion(index: number): string {
    return this.world.own(index, 'home/.understudy/acme/promotion');
  }

  async #keep(direction: Direction): Promise<void> {
    for (const index of HOSTS) {
      const kept = path.join(this.world.folder, 'kept', direction, String(index));
      await mkdir(kept, { recursive: true });
      await mkdir(this.#promotion(index), { recursive: true });
      await run('rsync', ['-a', '--delete', `${this.world.live(index)}/`, `${kept}/live/`]);
      await run('rsync', ['-a', '--delete', `${this.#promotion(index)}/`, `${kept}/promotion/`]);
    }
  }

  async #reset(direction: Direction): Promise<void> {
    const { world } = this;
    for (const index of HOSTS) {
      const kept = path.join(world.folder, 'kept', direction, String(index));
      for (const name of ['filler', 'fault.pattern', 'fault.action'])
        await rm(world.own(index, name), { force: true });
      await rm(world.live(index, '.maintenance'), { recursive: true, force: true });
      await run('rsync', ['-a', '--delete', '--force', `${kept}/live/`, `${world.live(index)}/`]);
      await run('rsync', ['-a', '--delete', '--force', `${kept}/promotion/`, `${this.#promotion(index)}/`]);
    }
    const version = direction === 'promotion' ? '1' : '2';
    await world.database.query(
      `UPDATE wp_options SET option_value = '${version}' WHERE option_name = 'acme_tool_db'`,
      'acme_production',
    );
    await rm(path.join(this.#work, 'lock'), { recursive: true, force: true });
    const { promotion: _, ...record } = this.#record();
    const { createdAt } = record;
    const complete = {
      startedAt: createdAt,
      finishedAt: createdAt,
      state: 'complete',
      hosts: [],
      backup: '',
      pageSeconds: 1,
    };
    const started = direction === 'promotion' ? record : { ...record, promotion: complete };
    await writeFile(this.#recordFile, JSON.stringify(started));
  }

  /** Staging's work folder; read and written past the product, which is under test. */
  get #work(): string {
    return path.join(this.world.folder, 'staging/home/.understudy/acme');
  }
  get #recordFile(): string {
    return path.join(this.#work, 'runs', this.tested.run, 'maintenance.json');
  }
  #record(): MaintenanceRecord {
    return JSON.parse(readFileSync(this.#recordFile, 'utf8')) as MaintenanceRecord;
  }

  async #arm({ pattern, taken }: Step, host: HostNumber, fault: Fault): Promise<void> {
    const { world } = this;
    if (!quoteForAnyShell([`${pattern} `]).includes(pattern))
      throw new Error(`no command line holds the text ${pattern} as it stands here`);
    const own = world.own(host);
    const pid = path.join(world.folder, `sshd-${String(host)}`, 'sshd.pid');
    const actions: Record<Fault, string> = {
      'disk full': `head -c 300000000 /dev/zero > ${own}/filler 2>/dev/null; head -c 100000 /dev/zero >> ${own}/filler 2>/dev/null`,
      'path taken': `live=${world.live(host).replace(/\/$/, '')}; p=$(echo ${this.#promotion(host)}/tree-*)\n${taken ?? ''}`,
      // What was begun goes on without the connection.
      'connection lost': `exec 3<&0; go <&3 >/dev/null 2>&1 & sleep 0.2; kill -9 $PPID; exit 1`,
      'host gone': `listener=$(cat ${pid}); kill -9 "$listener" $PPID; exit 1`,
      'kill -9': `: > ${path.join(world.folder, 'kill-now')}; sleep 1`,
    };
    await rm(path.join(world.folder, 'kill-now'), { force: true });
    await writeFile(world.own(host, 'fault.action'), `${actions[fault]}\n`);
    await writeFile(world.own(host, 'fault.pattern'), pattern);
  }

  async #command(direction: Direction): Promise<UnderstudyError | undefined> {
    const session = await this.world.session();
    return caught(async () => {
      try {
        await (direction === 'promotion'
          ? promote(session, {
              run: this.tested.run,
              approvedBy: 'ada',
              byPolicy: false,
              dryRun: false,
              now: false,
            })
          : rollBackPromotion(asProductionSession(session), undefined));
      } finally {
        await session.close();
      }
    });
  }

  async #killed(direction: Direction): Promise<undefined> {
    const { world, tested } = this;
    const call = {
      sites: world.sites,
      workspace: path.join(world.folder, 'killed'),
      environment: { UNDERSTUDY_CHROMIUM: 'none' },
    };
    const words =
      direction === 'promotion'
        ? ['promote', 'acme', '--run', tested.run, '--approved-by', 'ada']
        : ['promote', 'acme', '--rollback'];
    const flag = path.join(world.folder, 'kill-now');
    await runAndKillWhen(call, () => existsSync(flag), ...words);
    return undefined;
  }

  async #heal(host: HostNumber): Promise<void> {
    const { world } = this;
    await rm(world.own(host, 'filler'), { force: true });
    await rm(world.own(host, 'fault.pattern'), { force: true });
    if (existsSync(path.join(world.live(host), '.maintenance/x')))
      await rm(world.live(host, '.maintenance'), { recursive: true });
    const old = world.live(host, OLD);
    if (isFile(old)) await rm(old);
    const aside = path.join(this.#promotion(host), 'aside');
    if (existsSync(aside)) {
      await rm(path.dirname(world.live(host, PLUGIN)), { recursive: true, force: true });
      await rename(aside, path.dirname(world.live(host, PLUGIN)));
    }
    for (const tree of readdirSync(this.#promotion(host))) {
      const at = (name: string): string => path.join(this.#promotion(host), tree, name);
      if (existsSync(at('journal.json/x'))) await rm(at('journal.json'), { recursive: true });
      for (const name of ['runs', 'retired']) if (isFile(at(name))) await rm(at(name));
    }
    const pid = Number(readFileSync(path.join(world.folder, `sshd-${String(host)}`, 'sshd.pid'), 'utf8'));
    if (!existsSync(`/proc/${String(pid)}`)) await world.revive(host);
  }

  async #recover(): Promise<UnderstudyError | undefined> {
    const session = await this.world.session();
    return caught(async () => {
      try {
        await endPromotion(asProductionSession(session));
      } finally {
        await session.close();
      }
    });
  }

  async #states(): Promise<HostState[]> {
    const { world } = this;
    return Promise.all(
      HOSTS.map(async (index): Promise<HostState> => {
        const text = (name: string): string | undefined => {
          try {
            return readFileSync(world.live(index, name), 'utf8');
          } catch {
            return undefined;
          }
        };
        const [main, fresh, old] = [
          text(PLUGIN),
          text(NEW) !== undefined,
          text(`${OLD}/deep/old.php`) !== undefined,
        ];
        const code =
          main === plugin(1) && !fresh && old
            ? 'former'
            : main === plugin(2) && fresh && !old
              ? 'tested'
              : 'mixed';
        return {
          code,
          page: isFile(world.live(index, '.maintenance')),
          // WordPress itself fails where somebody has put a folder in the place of its page.
          status: existsSync(world.live(index, '.maintenance/x')) ? 200 : (await world.page(index)).status,
        };
      }),
    );
  }

  /** `complete` is said of the tested code alone. */
  #assertRecord(states: readonly HostState[], wrong: string[]): void {
    if (this.#record().promotion?.state === 'complete' && states.some(({ code }) => code !== 'tested'))
      wrong.push(`the record says complete: ${show(states)}`);
  }

  /** Another host shows the open operation to doctor, sync and all that ask. */
  #assertSeen(faulty: HostNumber, wrong: string[]): void {
    const other = HOSTS.find((index) => index !== faulty) ?? 1;
    const trees = existsSync(this.#promotion(other)) ? readdirSync(this.#promotion(other)) : [];
    const open = trees.some((tree) => {
      const file = path.join(this.#promotion(other), tree, 'journal.json');
      return existsSync(file) && !readFileSync(file, 'utf8').includes('"phase":"ended"');
    });
    if (!open) wrong.push('no other host keeps the operation open');
  }

  async #assertDatabase(direction: Direction, end: string | undefined, wrong: string[]): Promise<void> {
    const option = await this.world.option('acme_tool_db');
    const expected = direction === 'rollback' || end === 'tested' ? '2' : '1';
    if (option !== expected) wrong.push(`the database is at ${option}, not ${expected}`);
  }
}

const isFile = (file: string): boolean => statSync(file, { throwIfNoEntry: false })?.isFile() === true;

const goalOf = (direction: Direction): string => (direction === 'promotion' ? 'tested' : 'former');

function consistent(states: readonly HostState[]): string | undefined {
  const [first] = states;
  return first !== undefined &&
    first.code !== 'mixed' &&
    states.every(({ code, page, status }) => code === first.code && !page && status === 200)
    ? first.code
    : undefined;
}

const show = (states: readonly HostState[]): string =>
  states.map(({ code, page, status }) => `${code}${page ? ' +page' : ''} ${String(status)}`).join(' | ');

async function caught(work: () => Promise<void>): Promise<UnderstudyError | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof UnderstudyError) return error;
    throw error;
  }
}
