import { defineCodes } from '../catalogue-entry.js';
import { EXIT } from '../exit-codes.js';

export const runCodes = defineCodes({
  /** The bundle says it before any other code runs: scripts/bundle/node-version.mjs. */
  NODE_TOO_OLD: {
    exit: EXIT.preflight,
    title: 'This Node.js is too old.',
    next: 'Install Node.js 20 or later, or put the folder of a newer node first in PATH.',
  },
  RUNNER_DISK_FULL: {
    exit: EXIT.stageFailed,
    title: 'A disk of the machine that runs Understudy is full.',
    next: 'Make room in its temporary folder (TMPDIR) and in the workspace, then start again.',
  },
  LOCKED: {
    exit: EXIT.locked,
    title: 'Another run works on this site.',
    next: 'Wait until it has ended.',
  },
  LOCK_LOST: {
    exit: EXIT.locked,
    title: 'This run lost the lock of the site.',
    next: 'Nothing more was changed. See who holds it now: understudy runs <site>',
  },
  LOCK_TAKEN_OVER: {
    severity: 'warning',
    title: 'The lock of a dead run was taken over.',
    next: 'Nothing; look at that run if you wonder why it died.',
  },
  RUN_NOT_FOUND: {
    exit: EXIT.usage,
    title: 'There is no such run.',
    next: 'understudy runs <site> lists the runs that staging knows.',
  },
  WORK_FOLDER_CHANGED: {
    exit: EXIT.preflight,
    title: 'The work folder of the run is not the one that it began with.',
    next: 'Find out why the folder has changed (the home folder of the account, workDir in the site file) and change it back, or name the former one as workDir; then start again.',
  },
  RUN_RECORD_INVALID: {
    exit: EXIT.preflight,
    title: 'The record of a run cannot be used.',
    next: 'Start a new run; understudy clean <site> removes the damaged one.',
  },
  STAGE_OUT_OF_ORDER: {
    exit: EXIT.preflight,
    title: 'A stage was started before the one that it depends on is complete.',
    next: 'Start from the stage that is named above.',
  },
  CANNOT_RESUME: {
    exit: EXIT.preflight,
    title: 'The run cannot be resumed.',
    next: 'Start a new run from the first stage.',
  },
  OTHER_COMMIT: {
    exit: EXIT.preflight,
    title: 'The run began with another commit of the site files.',
    next: 'Check out that commit to go on with it, or start again from the first stage.',
  },
  PORTAINER_STACK_DOWN: {
    exit: EXIT.verificationFailed,
    title: 'Portainer stopped the stack of staging and did not start it again: staging is down.',
    next: 'Start the stack in Portainer. A sync that was said to be complete is.',
  },
  PORTAINER_NOT_RESTARTED: {
    severity: 'warning',
    title: 'Portainer took the order, and the container was not restarted.',
    next: 'A webhook restarts a stack only where its image or compose file changed: use staging.portainer.api, or leave staging.portainer out; caches were emptied without it.',
  },
  PORTAINER_REFUSED: {
    exit: EXIT.verificationFailed,
    title: 'Portainer did not restart the stack.',
    next: 'Restart the stack in Portainer; check staging.portainer in the site file.',
  },
  NOTIFY_FAILED: {
    exit: EXIT.verificationFailed,
    title: 'A message could not be sent.',
    next: 'Check these channels of notify in the site file.',
  },
  PREFLIGHT_FAILED: {
    exit: EXIT.preflight,
    title: 'The run cannot start.',
    next: 'Fix what is listed above and start again; nothing was changed.',
  },
  STAGING_NOT_PREPARED: {
    exit: EXIT.preflight,
    title: 'Staging lacks something that a sync needs.',
    next: 'Run the lines above on staging, then: understudy prepare <site> --apply',
  },
  INTERNAL: {
    exit: EXIT.bug,
    title: 'Understudy met a situation that it should not have.',
    next: 'Please report it with the lines above.',
  },
  FORMER_SESSIONS_LEFT: {
    severity: 'warning',
    title: 'Database sessions of the run that held the lock before could not be looked for.',
    next: 'Nothing: the next run ends them before it starts.',
  },
});
