import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { shellScript } from '../../../commands/command.js';
import { UnderstudyError } from '../../../errors/index.js';
import { type WritingHost } from '../../../hosts/host.js';
import { describeHolder, holderWord, parseHolder } from '../../../run/holder.js';
import type { FenceLine } from '../../../commands/ssh.js';

/** Who changes production now, as a claim on a host says it. Untrusted, for people and for one decision alone. */
interface Claimant {
  readonly holder: string;
  readonly build: string;
  /** Kernel and process namespace: where `pid` means the same. */
  readonly machine: string;
  readonly pid: number;
  /** Clock ticks since boot at which the process began (proc(5), field 22): a pid is used again. */
  readonly started: string;
}

interface Claim extends Partial<Claimant> {
  readonly token: string;
  /** Seconds since its last sign of life, by the host's clock. */
  readonly age: number;
}

/** A claimant shows that it lives this often; one that has been silent for so long is taken for dead. */
const SIGN_OF_LIFE_SECONDS = 20;
const SILENT_SECONDS = 90;
const LOOK_AGAIN_SECONDS = 5;

/** Argument: file. Prints age, then the claim. */
const READ_CLAIM = `[ -f "$1" ] || exit 0
echo "$(( $(date +%s) - $(stat -c %Y -- "$1") ))"; head -c 4096 -- "$1"`;

/** Arguments: file, token, JSON. On a full disk the spare goes: what undoes has to begin all the same. */
const WRITE_CLAIM = `umask 077; mkdir -p -- "\${1%/*}" || exit 1
write() { printf '%s\\n%s\\n' "$2" "$3" 2>/dev/null > "$1.$2" && [ "$(head -n 1 -- "$1.$2")" = "$2" ]; }
write "$@" || { rm -f -- "\${1%/*}/spare"; write "$@"; } || { rm -f -- "$1.$2"; echo 'no space left for the claim' >&2; exit 1; }
mv -f -- "$1.$2" "$1"`;

/** Arguments: file, token. */
const DROP_CLAIM = `[ "$(head -n 1 -- "$1" 2>/dev/null)" != "$2" ] || rm -f -- "$1"`;

export interface ClaimTarget {
  readonly name: string;
  /** Not fenced: it writes the fence itself. */
  readonly bare: WritingHost;
  readonly folder: string;
}

const fileOf = ({ folder }: ClaimTarget): string => `${folder}/claim`;

/**
 * One process at a time changes production: promotion, rollback and recovery claim every tree first. It needs nothing
 * of staging. Each claim has a token that every writing command is made under (hosts/guard/fenced-host.ts).
 */
export class ProductionClaim {
  readonly token = randomBytes(16).toString('hex');
  readonly #places = new Map<string, ClaimTarget>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly say: (text: string) => void) {}

  /** The fence of a place, once it is claimed; by name, because hosts call their folders the same. */
  fence(name: string): FenceLine | undefined {
    const target = this.#places.get(name);
    return target === undefined ? undefined : { file: fileOf(target), text: this.token };
  }

  /**
   * @throws PRODUCTION_BUSY when a process that lives holds one of them
   */
  async take(places: readonly ClaimTarget[]): Promise<void> {
    await Promise.all(places.map((target) => this.#waitFor(target)));
    await Promise.all(
      places.map(async (target) => {
        const claimant = JSON.stringify(thisProcess());
        await target.bare.run(shellScript('write', WRITE_CLAIM, [fileOf(target), this.token, claimant]), {
          label: 'claim production',
        });
      }),
    );
    // Two that began in the same moment: each host has one of them, and neither goes on with half.
    for (const target of places) {
      const now = await readClaim(target);
      if (now?.token !== this.token) throw busy(target, now);
      this.#places.set(target.name, target);
    }
    this.#timer ??= setInterval(() => {
      void this.#showLife();
    }, SIGN_OF_LIFE_SECONDS * 1000).unref();
  }

  async release(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.allSettled(
      [...this.#places.values()].map((target) =>
        target.bare.run(shellScript('write', DROP_CLAIM, [fileOf(target), this.token])),
      ),
    );
    this.#places.clear();
  }

  async #showLife(): Promise<void> {
    const touch = '[ "$(head -n 1 -- "$1" 2>/dev/null)" != "$2" ] || touch -c -- "$1"';
    await Promise.allSettled(
      [...this.#places.values()].map((target) =>
        target.bare.run(shellScript('write', touch, [fileOf(target), this.token])),
      ),
    );
  }

  async #waitFor(target: ClaimTarget): Promise<void> {
    let former: Claim | undefined;
    for (;;) {
      const found = await readClaim(target);
      if (found === undefined || found.token === this.token || found.age > SILENT_SECONDS) return;
      const alive = lives(found);
      if (alive === false) return;
      const showed = former !== undefined && (found.token !== former.token || found.age < former.age);
      if (alive === true || showed) throw busy(target, found);
      if (former === undefined)
        this.say(
          `${found.holder ?? 'Somebody'} claimed ${target.name} ${String(found.age)} s ago; waiting until it shows that it lives, or ${String(SILENT_SECONDS)} s`,
        );
      former = found;
      await sleep(LOOK_AGAIN_SECONDS * 1000);
    }
  }
}

async function readClaim(target: ClaimTarget): Promise<Claim | undefined> {
  const { stdout } = await target.bare.run(shellScript('read', READ_CLAIM, [fileOf(target)]), {
    label: 'look who changes production',
  });
  const [age = '', token = '', text = ''] = stdout.toString('utf8').split('\n');
  if (token === '') return undefined;
  // Where nobody is known to live behind it, its age decides.
  const said = parseHolder(text);
  return {
    token,
    age: Math.max(0, Number(age) || 0),
    holder: holderWord(said['holder']),
    build: holderWord(said['build']),
    machine: holderWord(said['machine']),
    started: holderWord(said['started']),
    ...(typeof said['pid'] === 'number' && Number.isSafeInteger(said['pid']) ? { pid: said['pid'] } : {}),
  };
}

/** Whether another process lives behind it; undefined where only its own machine could say. */
function lives({ machine, pid, started }: Claim): boolean | undefined {
  if (pid === undefined || machine === undefined || machine === '' || machine !== machineOf())
    return undefined;
  // One of this process is left over: it could not be released, because the host had gone away.
  return pid !== process.pid && startOf(pid) === started;
}

const thisProcess = (): Claimant => ({
  ...describeHolder(process.env),
  machine: machineOf(),
  pid: process.pid,
  started: startOf(process.pid),
});

function machineOf(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return '';
  }
}

/** '' when there is no such process; a zombie has ended. */
function startOf(pid: number): string {
  try {
    const fields = readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? '' : (fields[19] ?? '');
  } catch {
    return '';
  }
}

function busy(target: ClaimTarget, claim: Claim | undefined): UnderstudyError {
  const who = `${claim?.holder || 'somebody'}${claim?.build ? ` (${claim.build})` : ''}`;
  return new UnderstudyError('PRODUCTION_BUSY', `${who} is changing production now.`, {
    host: target.bare.label,
  });
}
