import { Command } from 'commander';
import { UnderstudyError } from '../errors/index.js';
import { interruption } from './interruption.js';
import { standardConsole } from './with-session.js';

interface TriggerFlags {
  readonly jenkins: string;
  readonly site?: string;
  readonly parameter: Readonly<Record<string, string>>;
  readonly poll: string;
}

/** `understudy trigger <job>`: starts a Jenkins job from anywhere, shows its log, and ends with its result. */
export function triggerCommand(): Command {
  return new Command('trigger')
    .description('start a Jenkins job, follow its log, and end with its result')
    .argument('<job>', 'full name, such as understudy/acme/sync')
    .requiredOption('--jenkins <url>', 'address of Jenkins', process.env['JENKINS_URL'])
    .option('--site <name>', 'value of the parameter SITE')
    .option('--parameter <name=value>', 'a parameter of the job; may be given several times', collect, {})
    .option('--poll <seconds>', 'time between two questions', '2')
    .action(async (job: string, flags: TriggerFlags) => {
      const seconds = Number(flags.poll);
      if (!(seconds >= 0.01 && seconds <= 600))
        throw new UnderstudyError('USAGE', '--poll must be 0.01 to 600.');
      const { createJenkinsClient, jenkinsLogin } = await import('../jenkins/jenkins-client.js');
      const { errorOfResult, runBuild } = await import('../jenkins/trigger-build.js');
      const signal = interruption();
      // The connection itself is not bound to the signal: the build must still be stopped after it.
      const client = createJenkinsClient(jenkinsLogin(flags.jenkins, process.env));
      const console = standardConsole();
      const parameters = { ...flags.parameter, ...(flags.site === undefined ? {} : { SITE: flags.site }) };
      const listener = {
        told: (line: string) => console.line(line),
        log: (text: string) => console.block(text.replace(/\r?\n$/, '').replaceAll('\r\n', '\n')),
      };
      const outcome = await runBuild(client, { job, parameters }, listener, {
        signal,
        pollMilliseconds: seconds * 1000,
      });
      const error = errorOfResult(job, outcome);
      if (error !== undefined) throw error;
      console.line(`Build ${String(outcome.number)} of ${job} succeeded: ${outcome.url}`);
    });
}

function collect(text: string, former: Readonly<Record<string, string>>): Record<string, string> {
  const match = /^([A-Za-z_][A-Za-z0-9_]*)=([\s\S]*)$/.exec(text);
  if (match === null)
    throw new UnderstudyError('USAGE', `--parameter ${JSON.stringify(text)} is not NAME=value.`);
  return { ...former, [match[1] ?? '']: match[2] ?? '' };
}
