import { archiveCommand, publishCommand } from './commands/publish.js';
import { checkCommand } from './commands/check.js';
import { cleanCommand, recoverCommand, rollbackCommand } from './commands/recover.js';
import { completionCommand } from './commands/completion.js';
import { contextCommand } from './commands/context.js';
import { type CommandDefinition } from './define-command.js';
import { doctorCommand, leaksCommand, planCommand } from './commands/doctor.js';
import { finishCommand } from './commands/finish.js';
import { holdCommand } from './commands/hold.js';
import { initCommand } from './commands/init.js';
import { jobsCommand } from './commands/jobs.js';
import { logsCommand, runsCommand, showCommand } from './commands/show.js';
import { monthCommand } from './commands/month.js';
import { prepareCommand } from './commands/prepare.js';
import { promoteCommand } from './commands/promote.js';
import { reportCommand } from './commands/report.js';
import { rewriteCommand } from './commands/rewrite.js';
import { stageCommand } from './commands/stage.js';
import { statusCommand } from './commands/status.js';
import { syncCommand } from './commands/sync.js';
import { triggerCommand } from './commands/trigger.js';
import { unlockCommand } from './commands/unlock.js';
import { updateCommand } from './commands/update.js';
import { validateCommand } from './commands/validate.js';

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
