import { archiveCommand } from './archive.js';
import { checkCommand } from './check.js';
import { cleanCommand } from './clean.js';
import { completionCommand } from './completion.js';
import { contextCommand } from './context.js';
import { type CommandDefinition } from './define-command.js';
import { doctorCommand } from './doctor.js';
import { finishCommand } from './finish.js';
import { holdCommand } from './hold.js';
import { initCommand } from './init.js';
import { jobsCommand } from './jobs.js';
import { leaksCommand } from './leaks.js';
import { logsCommand } from './logs.js';
import { monthCommand } from './month.js';
import { planCommand } from './plan.js';
import { prepareCommand } from './prepare.js';
import { promoteCommand } from './promote.js';
import { publishCommand } from './publish.js';
import { recoverCommand } from './recover.js';
import { reportCommand } from './report.js';
import { rewriteCommand } from './rewrite.js';
import { rollbackCommand } from './rollback.js';
import { runsCommand } from './runs.js';
import { showCommand } from './show.js';
import { stageCommand } from './stage.js';
import { statusCommand } from './status.js';
import { syncCommand } from './sync.js';
import { triggerCommand } from './trigger.js';
import { unlockCommand } from './unlock.js';
import { updateCommand } from './update.js';
import { validateCommand } from './validate.js';

/** All commands, in the order of the help. */
export const COMMANDS: readonly CommandDefinition[] = [
  syncCommand,
  planCommand,
  statusCommand,
  reportCommand,
  rollbackCommand,
  initCommand,
  validateCommand,
  doctorCommand,
  prepareCommand,
  runsCommand,
  showCommand,
  logsCommand,
  leaksCommand,
  checkCommand,
  recoverCommand,
  unlockCommand,
  cleanCommand,
  updateCommand,
  promoteCommand,
  archiveCommand,
  publishCommand,
  monthCommand,
  stageCommand,
  finishCommand,
  holdCommand,
  contextCommand,
  jobsCommand,
  triggerCommand,
  rewriteCommand,
  completionCommand(() => COMMANDS),
];
