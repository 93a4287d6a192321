import { errors, warnings } from '../catalogue-entry.js';
import { EXIT } from '../exit-codes.js';

export const runCodes = {
  ...errors(EXIT.preflight, {
    /** The bundle says it before any other code runs: scripts/bundle/node-version.mjs. */
    NODE_TOO_OLD: {
      title: 'This Node.js version is too old.',
      next: 'Install Node.js 20 or later, or put the folder of a newer node first in PATH.',
    },
    WORK_FOLDER_CHANGED: {
      title: 'The work folder of the run has changed since it started.',
      next: 'Find out why the folder has changed (the home folder of the account, workDir in the site file) and change it back, or set workDir to the former one; then start again.',
    },
    RUN_RECORD_INVALID: {
      title: 'The record of a run is invalid.',
      next: 'Start a new run; understudy clean <site> removes the damaged one.',
    },
    STAGE_OUT_OF_ORDER: {
      title: 'A stage was started before the stage that it depends on was complete.',
      next: 'Start with the stage named above.',
    },
    CANNOT_RESUME: {
      title: 'The run cannot be resumed.',
      next: 'Start a new run from the first stage.',
    },
    OTHER_COMMIT: {
      title: 'The run started with another commit of the site files.',
      next: 'Check out that commit to continue the run, or start again from the first stage.',
    },
    PREFLIGHT_FAILED: {
      title: 'The run cannot start.',
      next: 'Fix the problems above and start again; nothing was changed.',
    },
    STAGING_NOT_PREPARED: {
      title: 'Staging is not ready for a sync.',
      next: 'Run the lines above on staging, then: understudy prepare <site> --apply',
    },
  }),
  ...errors(EXIT.stageFailed, {
    RUNNER_DISK_FULL: {
      title: 'A disk of the machine that runs Understudy is full.',
      next: 'Free space in its temporary folder (TMPDIR) and in the workspace, then start again.',
    },
  }),
  ...errors(EXIT.locked, {
    LOCKED: {
      title: 'Another run is working on this site.',
      next: 'Wait until it has finished.',
    },
    LOCK_LOST: {
      title: 'This run lost the lock of the site.',
      next: 'Nothing more was changed. To see who holds the lock: understudy runs <site>',
    },
  }),
  ...warnings({
    LOCK_TAKEN_OVER: {
      title: 'The lock of a dead run was taken over.',
      next: 'Nothing; check that run to find out why it died.',
    },
    PORTAINER_NOT_RESTARTED: {
      title: 'Portainer accepted the request but did not restart the container.',
      next: 'A webhook restarts a stack only if its image or compose file changed: use staging.portainer.api, or remove staging.portainer; the caches were cleared without it.',
    },
    FORMER_SESSIONS_LEFT: {
      title: 'Database sessions of the run that held the lock before could not be looked for.',
      next: 'Nothing: the next run ends them before it starts.',
    },
  }),
  ...errors(EXIT.usage, {
    RUN_NOT_FOUND: {
      title: 'The run does not exist.',
      next: 'understudy runs <site> lists the runs of staging.',
    },
  }),
  ...errors(EXIT.verificationFailed, {
    PORTAINER_STACK_DOWN: {
      title: 'Portainer stopped the stack of staging and did not start it again: staging is down.',
      next: 'Start the stack in Portainer. A sync that was reported complete is complete.',
    },
    PORTAINER_REFUSED: {
      title: 'Portainer did not restart the stack.',
      next: 'Restart the stack in Portainer; check staging.portainer in the site file.',
    },
    NOTIFY_FAILED: {
      title: 'A notification could not be sent.',
      next: 'Check these notify channels in the site file.',
    },
  }),
  ...errors(EXIT.bug, {
    INTERNAL: {
      title: 'Internal error.',
      next: 'Please report it with the lines above.',
    },
  }),
};
