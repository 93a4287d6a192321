import { Command, CommanderError } from 'commander';
import { UnderstudyError } from '../errors/index.js';
import { VERSION } from '../config/version.js';
import { archiveCommand } from './archive.js';
import { checkCommand } from './check.js';
import { cleanCommand } from './clean.js';
import { contextCommand } from './context.js';
import { doctorCommand } from './doctor.js';
import { finishCommand } from './finish.js';
import { holdCommand } from './hold.js';
import { jobsCommand } from './jobs.js';
import { leaksCommand } from './leaks.js';
import { monthCommand } from './month.js';
import { planCommand } from './plan.js';
import { publishCommand } from './publish.js';
import { promoteCommand } from './promote.js';
import { recoverCommand } from './recover.js';
import { rewriteCommand } from './rewrite.js';
import { rollbackCommand } from './rollback.js';
import { runsCommand } from './runs.js';
import { stageCommand } from './stage.js';
import { syncCommand } from './sync.js';
import { triggerCommand } from './trigger.js';
import { unlockCommand } from './unlock.js';
import { updateCommand } from './update.js';
import { validateCommand } from './validate.js';

/** The command line: one file per command beside this one. */
export function createProgram(): Command {
  const program = new Command('understudy')
    .description('Keeps staging sites faithful, harmless copies of production.')
    .version(VERSION, '-V, --version')
    .option('--sites <folder>', 'folder with the site files', process.env['UNDERSTUDY_SITES'] ?? 'sites')
    .option(
      '--workspace <folder>',
      'folder for events and reports',
      process.env['UNDERSTUDY_WORKSPACE'] ?? '.understudy',
    )
    .showHelpAfterError('(run understudy help for the commands)');
  for (const command of [
    syncCommand(),
    planCommand(),
    doctorCommand(),
    stageCommand(),
    finishCommand(),
    rollbackCommand(),
    recoverCommand(),
    promoteCommand(),
    unlockCommand(),
    holdCommand(),
    runsCommand(),
    cleanCommand(),
    leaksCommand(),
    checkCommand(),
    updateCommand(),
    monthCommand(),
    rewriteCommand(),
    validateCommand(),
    contextCommand(),
    archiveCommand(),
    publishCommand(),
    jobsCommand(),
    triggerCommand(),
  ]) {
    program.addCommand(command);
  }
  // Sub-commands inherit neither of these from the program.
  for (const command of [program, ...program.commands])
    command.exitOverride().configureOutput({ writeErr: () => undefined });
  return program;
}

/** Help and version are no errors; everything else that commander refuses is a usage error. */
export function asUsageError(error: unknown): unknown {
  if (!(error instanceof CommanderError)) return error;
  if (error.exitCode === 0) return undefined;
  if (error.code === 'commander.help') return new UnderstudyError('USAGE', 'No command was given.');
  const [sentence = '', ...lines] = error.message.replace(/^error: /, '').split('\n');
  const near = lines.find((line) => line.startsWith('(Did you mean'))?.replace(/^\((.*)\)$/, ' $1');
  return new UnderstudyError(
    'USAGE',
    `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}${near === undefined ? '' : `.${near}`}`,
  );
}
