import { defineCodes } from '../catalogue-entry.js';
import { EXIT } from '../exit-codes.js';

export const runCodes = defineCodes({
  /** The bundle says it before any other code runs: scripts/bundle/node-version.mjs. */
  NODE_TOO_OLD: {
    exit: EXIT.preflight,
    title: 'This Node.js version is too old.',
    next: 'Install Node.js 20 or later, or put the folder of a newer node first in PATH.',
  },
  RUNNER_DISK_FULL: {
    exit: EXIT.stageFailed,
    title: 'A disk of the machine that runs Understudy is full.',
    next: 'Free space in its temporary folder (TMPDIR) and in the workspace, then start again.',
  },
  LOCKED: {
    exit: EXIT.locked,
    title: 'Another run is working on this site.',
    next: 'Wait until it has finished.',
  },
  LOCK_LOST: {
    exit: EXIT.locked,
    title: 'This run lost the lock of the site.',
    next: 'Nothing more was changed. To see who holds the lock: understudy runs <site>',
  },
  LOCK_TAKEN_OVER: {
    severity: 'warning',
    title: 'The lock of a dead run was taken over.',
    next: 'Nothing; check that run to find out why it died.',
  },
  RUN_NOT_FOUND: {
    exit: EXIT.usage,
    title: 'The run does not exist.',
    next: 'understudy runs <site> lists the runs of staging.',
  },
  WORK_FOLDER_CHANGED: {
    exit: EXIT.preflight,
    title: 'The work folder of the run has changed since it started.',
    next: 'Find out why the folder has changed (the home folder of the account, workDir in the site file) and change it back, or set workDir to the former one; then start again.',
  },
  RUN_RECORD_INVALID: {
    exit: EXIT.preflight,
    title: 'The record of a run is invalid.',
    next: 'Start a new run; understudy clean <site> removes the damaged one.',
  },
  STAGE_OUT_OF_ORDER: {
    exit: EXIT.preflight,
    title: 'A stage was started before the stage that it depends on was complete.',
    next: 'Start with the stage named above.',
  },
  CANNOT_RESUME: {
    exit: EXIT.preflight,
    title: 'The run cannot be resumed.',
    next: 'Start a new run from the first stage.',
  },
  OTHER_COMMIT: {
    exit: EXIT.preflight,
    title: 'The run started with another commit of the site files.',
    next: 'Check out that commit to continue the run, or start again from the first stage.',
  },
  PORTAINER_STACK_DOWN: {
    exit: EXIT.verificationFailed,
    title: 'Portainer stopped the stack of staging and did not start it again: staging is down.',
    next: 'Start the stack in Portainer. A sync that was reported complete is complete.',
  },
  PORTAINER_NOT_RESTARTED: {
    severity: 'warning',
    title: 'Portainer accepted the request but did not restart the container.',
    next: 'A webhook restarts a stack only if its image or compose file changed: use staging.portainer.api, or remove staging.portainer; the caches were cleared without it.',
  },
  PORTAINER_REFUSED: {
    exit: EXIT.verificationFailed,
    title: 'Portainer did not restart the stack.',
    next: 'Restart the stack in Portainer; check staging.portainer in the site file.',
  },
  NOTIFY_FAILED: {
    exit: EXIT.verificationFailed,
    title: 'A notification could not be sent.',
    next: 'Check these notify channels in the site file.',
  },
  PREFLIGHT_FAILED: {
    exit: EXIT.preflight,
    title: 'The run cannot start.',
    next: 'Fix the problems above and start again; nothing was changed.',
  },
  STAGING_NOT_PREPARED: {
    exit: EXIT.preflight,
    title: 'Staging is not ready for a sync.',
    next: 'Run the lines above on staging, then: understudy prepare <site> --apply',
  },
  INTERNAL: {
    exit: EXIT.bug,
    title: 'Internal error.',
    next: 'Please report it with the lines above.',
  },
  FORMER_SESSIONS_LEFT: {
    severity: 'warning',
    title: 'Database sessions of the run that held the lock before could not be looked for.',
    next: 'Nothing: the next run ends them before it starts.',
  },
});
