import { Option } from 'commander';
import { UnderstudyError } from '../../errors/index.js';
import { defineCommand } from '../define-command.js';
import { interruption } from '../interruption.js';

interface TriggerFlags {
  readonly jenkins: string;
  readonly site?: string;
  readonly parameter: Readonly<Record<string, string>>;
  readonly poll: string;
}

/** `understudy trigger <job>`: starts a Jenkins job from anywhere, shows its log, and ends with its result. */
export const triggerCommand = defineCommand<TriggerFlags>({
  name: 'trigger',
  group: 'Jenkins',
  summary: 'start a Jenkins job, follow its log, and end with its result',
  words: [{ name: 'job', about: 'full name, such as understudy/acme/sync', required: true }],
  options: [
    new Option('--jenkins <url>', 'address of Jenkins').env('JENKINS_URL').makeOptionMandatory(),
    new Option('--site <name>', 'value of the parameter SITE'),
    new Option('--parameter <name=value>', 'a parameter of the job; may be given several times')
      .argParser(collect)
      .default({}, 'none'),
    new Option('--poll <seconds>', 'time between two questions').default('2'),
  ],
  examples: [
    {
      words: 'trigger understudy/acme/sync --jenkins https://jenkins.example',
      about: 'sync acme in Jenkins; ends as the build ends',
    },
  ],
  run: async ({ words: [job = ''], flags, console }) => {
    const seconds = Number(flags.poll);
    if (!(seconds >= 0.01 && seconds <= 600))
      throw new UnderstudyError('USAGE', '--poll must be 0.01 to 600.');
    const { createJenkinsClient, jenkinsLogin } = await import('../../jenkins/jenkins-client.js');
    const { errorOfResult, runBuild } = await import('../../jenkins/trigger-build.js');
    const signal = interruption();
    // The connection itself is not bound to the signal: the build must still be stopped after it.
    const client = createJenkinsClient(jenkinsLogin(flags.jenkins, process.env));
    const parameters = { ...flags.parameter, ...(flags.site === undefined ? {} : { SITE: flags.site }) };
    const listener = {
      report: (line: string) => console.line(line),
      log: (text: string) => console.block(text.replace(/\r?\n$/, '').replaceAll('\r\n', '\n')),
    };
    const outcome = await runBuild(client, { job, parameters }, listener, {
      signal,
      pollMilliseconds: seconds * 1000,
    });
    const error = errorOfResult(job, outcome);
    if (error !== undefined) throw error;
    const summary = `Build ${String(outcome.number)} of ${job} succeeded: ${outcome.url}`;
    console.line(summary);
    return { run: '', summary };
  },
});

function collect(text: string, former: Readonly<Record<string, string>> = {}): Record<string, string> {
  const match = /^([A-Za-z_][A-Za-z0-9_]*)=([\s\S]*)$/.exec(text);
  if (match === null)
    throw new UnderstudyError('USAGE', `--parameter ${JSON.stringify(text)} is not NAME=value.`);
  return { ...former, [match[1] ?? '']: match[2] ?? '' };
}
