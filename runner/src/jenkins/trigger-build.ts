import { setTimeout as wait } from 'node:timers/promises';
import { type ErrorCode, UnderstudyError } from '../errors/index.js';
import { listOf, mappingOf, textOf } from '../config/mapping.js';
import { type JenkinsAnswer, type JenkinsClient, jobPath } from './jenkins-client.js';

export interface BuildRequest {
  /** Full name: `understudy/acme/sync`. */
  readonly job: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface BuildListener {
  /** A sentence about the build: queued, started. */
  report(line: string): void;
  /** The build's log as it grows, in whole lines. */
  log(text: string): void;
}

export interface BuildOutcome {
  readonly url: string;
  readonly number: number;
  /** SUCCESS, UNSTABLE, FAILURE, ABORTED, NOT_BUILT. */
  readonly result: string;
}

export interface TriggerOptions {
  readonly signal: AbortSignal;
  /** Between two questions. */
  readonly pollMilliseconds: number;
}

/**
 * Starts a job, waits for its turn, passes its log on and waits for its end. When the signal fires, the build is
 * stopped (or taken out of the queue).
 * @throws JENKINS_JOB_UNKNOWN, JENKINS_PARAMETER_REFUSED before anything is started; JENKINS_REFUSED; INTERRUPTED
 */
export async function runBuild(
  client: JenkinsClient,
  request: BuildRequest,
  listener: BuildListener,
  options: TriggerOptions,
): Promise<BuildOutcome> {
  const job = jobPath(request.job);
  await checkParameters(client, job, request);
  const item = await enqueue(client, job, request);
  listener.report(`${request.job} is in the queue (item ${String(item)})`);
  let number: number | undefined;
  try {
    number = await waitForTurn(client, item, listener, options);
    listener.report(`build ${String(number)} has started: ${client.url}${job}/${String(number)}/`);
    const result = await follow(client, `${job}/${String(number)}`, listener, options);
    return { url: `${client.url}${job}/${String(number)}/`, number, result };
  } catch (error) {
    if (!options.signal.aborted) throw error;
    const stop =
      number === undefined ? `/queue/cancelItem?id=${String(item)}` : `${job}/${String(number)}/stop`;
    await client.post(stop, { kind: 'form', values: {} });
    throw new UnderstudyError('INTERRUPTED', `${request.job} was asked to stop.`, {
      next: `See how it ended: ${client.url}${job}/`,
    });
  }
}

/** The error that a result which is not SUCCESS means; its exit code is the process's. */
export function errorOfResult(job: string, outcome: BuildOutcome): UnderstudyError | undefined {
  if (outcome.result === 'SUCCESS') return undefined;
  const codes: Readonly<Record<string, ErrorCode>> = {
    UNSTABLE: 'JENKINS_BUILD_UNSTABLE',
    ABORTED: 'JENKINS_BUILD_ABORTED',
  };
  const code = codes[outcome.result] ?? 'JENKINS_BUILD_FAILED';
  return new UnderstudyError(
    code,
    `Build ${String(outcome.number)} of ${job} ended with ${outcome.result}: ${outcome.url}`,
  );
}

/** Jenkins drops undeclared parameters silently and answers 500 to an illegal choice: both are found out before. */
async function checkParameters(client: JenkinsClient, job: string, request: BuildRequest): Promise<void> {
  const tree = 'buildable,property[parameterDefinitions[name,type,choices]]';
  const answer = await client.get(`${job}/api/json?tree=${encodeURIComponent(tree)}`);
  if (answer.status === 404)
    throw new UnderstudyError('JENKINS_JOB_UNKNOWN', `Jenkins shows no job ${request.job}.`);
  const read = mappingOf(jsonOf(answer, job));
  if (read['buildable'] === false) {
    throw new UnderstudyError('JENKINS_REFUSED', `${request.job} cannot be built.`, {
      next: 'It is disabled (its site file is gone, or somebody disabled it), or it is a folder.',
    });
  }
  const declared = listOf(read['property']).flatMap((property) =>
    listOf(mappingOf(property)['parameterDefinitions']).map(mappingOf),
  );
  for (const [name, value] of Object.entries(request.parameters)) {
    const definition = declared.find((one) => one['name'] === name);
    if (definition === undefined) {
      const names = declared.map((one) => textOf(one['name']) ?? '').join(', ');
      throw new UnderstudyError('JENKINS_PARAMETER_REFUSED', `${request.job} has no parameter ${name}.`, {
        details: [names === '' ? 'It takes no parameters.' : `It takes ${names}.`],
      });
    }
    refuseValue(request.job, name, value, definition);
  }
}

function refuseValue(
  job: string,
  name: string,
  value: string,
  definition: Readonly<Record<string, unknown>>,
): void {
  const choices = listOf(definition['choices']);
  const allowed =
    definition['type'] === 'BooleanParameterDefinition'
      ? ['true', 'false']
      : choices.length > 0
        ? choices
        : undefined;
  if (allowed === undefined || allowed.includes(value)) return;
  throw new UnderstudyError(
    'JENKINS_PARAMETER_REFUSED',
    `${name} of ${job} must be one of ${allowed.join(', ')}, not ${JSON.stringify(value)}.`,
  );
}

/** @returns id of the queue item */
async function enqueue(client: JenkinsClient, job: string, request: BuildRequest): Promise<number> {
  const verb = Object.keys(request.parameters).length > 0 ? 'buildWithParameters' : 'build';
  let answer = await client.post(`${job}/${verb}`, { kind: 'form', values: request.parameters });
  // A job that has parameters takes no plain build, though all of them have defaults.
  if (answer.status === 400 && verb === 'build')
    answer = await client.post(`${job}/buildWithParameters`, { kind: 'form', values: {} });
  const id = /\/queue\/item\/(\d+)/.exec(answer.header('location') ?? '')?.[1];
  if (answer.status === 201 && id !== undefined) return Number(id);
  throw new UnderstudyError(
    'JENKINS_REFUSED',
    `Jenkins did not start ${request.job}; it answered ${String(answer.status)}.`,
    {
      next:
        answer.status === 500
          ? 'Jenkins refuses a value that is not among the choices of a parameter in this way; its own log says which.'
          : 'Check that the job can be built by hand.',
    },
  );
}

async function waitForTurn(
  client: JenkinsClient,
  item: number,
  listener: BuildListener,
  options: TriggerOptions,
): Promise<number> {
  let said = '';
  for (;;) {
    const read = mappingOf(jsonOf(await client.get(`/queue/item/${String(item)}/api/json`), 'the queue'));
    if (read['cancelled'] === true)
      throw new UnderstudyError('JENKINS_BUILD_ABORTED', 'The build was removed from the queue.');
    const number = mappingOf(read['executable'])['number'];
    if (typeof number === 'number') return number;
    const why = textOf(read['why']) ?? '';
    // Only the figures of a countdown change from question to question.
    const shape = why.replace(/[\d.]+/g, '#');
    if (why !== '' && shape !== said) listener.report(`waiting: ${why}`);
    said = shape;
    await pause(options);
  }
}

async function follow(
  client: JenkinsClient,
  build: string,
  listener: BuildListener,
  options: TriggerOptions,
): Promise<string> {
  let offset = 0;
  let unfinished = '';
  for (;;) {
    const answer = await client.get(`${build}/logText/progressiveText?start=${String(offset)}`);
    // A build that has just begun may have no log yet.
    if (answer.status === 200) {
      const size = Number(answer.header('x-text-size') ?? offset);
      if (size > offset) {
        const text = unfinished + answer.text;
        const end = text.lastIndexOf('\n') + 1;
        if (end > 0) listener.log(text.slice(0, end));
        unfinished = text.slice(end);
      }
      offset = Math.max(offset, size);
      if (answer.header('x-more-data') !== 'true') {
        const read = mappingOf(jsonOf(await client.get(`${build}/api/json?tree=building,result`), build));
        const result = textOf(read['result']);
        if (read['building'] !== true && result !== undefined) {
          if (unfinished !== '') listener.log(unfinished);
          return result;
        }
      }
    } else if (answer.status !== 404) {
      throw new UnderstudyError(
        'JENKINS_REFUSED',
        `Jenkins answered ${String(answer.status)} to the request for the log.`,
      );
    }
    await pause(options);
  }
}

const pause = (options: TriggerOptions): Promise<void> =>
  wait(options.pollMilliseconds, undefined, { signal: options.signal });

function jsonOf(answer: JenkinsAnswer, what: string): unknown {
  if (answer.status === 200) {
    try {
      return JSON.parse(answer.text);
    } catch {
      // Reported below.
    }
  }
  throw new UnderstudyError(
    'JENKINS_REFUSED',
    `Jenkins answered ${String(answer.status)} to the request for ${what}.`,
    {
      next: 'Check that the address given with --jenkins is that of Jenkins itself.',
    },
  );
}
