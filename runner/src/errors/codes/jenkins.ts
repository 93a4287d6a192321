import { errors } from '../catalogue-entry.js';
import { EXIT } from '../exit-codes.js';

export const jenkinsCodes = {
  ...errors(EXIT.usage, {
    JENKINS_REFUSED: {
      title: 'Jenkins refused the request.',
      next: 'Check the address, the user and the API token.',
    },
    JENKINS_LOGIN_MISSING: {
      title: 'No login for Jenkins is set.',
      next: 'Set UNDERSTUDY_JENKINS_USER and UNDERSTUDY_JENKINS_TOKEN (an API token of that user).',
    },
    JENKINS_JOB_UNKNOWN: {
      title: 'Jenkins has no such job, or this user may not see it.',
      next: 'Give the full name of the job, folders included, such as understudy/acme/sync.',
    },
    JENKINS_PARAMETER_REFUSED: {
      title: 'The job does not accept this parameter or value.',
      next: 'Jenkins silently drops parameters that a job does not declare, so nothing was started. Correct the parameter.',
    },
  }),
  ...errors(EXIT.preflight, {
    JENKINS_UNREACHABLE: {
      title: 'Jenkins cannot be reached.',
      next: 'Check the address given with --jenkins, and the network between this machine and Jenkins.',
    },
  }),
  ...errors(EXIT.stageFailed, {
    JENKINS_BUILD_FAILED: {
      title: 'The build failed.',
      next: 'Read the last lines of its log above.',
    },
  }),
  ...errors(EXIT.verificationFailed, {
    JENKINS_BUILD_UNSTABLE: {
      title: 'The build is unstable: checks failed.',
      next: 'Open its test results.',
    },
  }),
  ...errors(EXIT.interrupted, {
    JENKINS_BUILD_ABORTED: {
      title: 'The build was aborted.',
      next: 'Start it again when you are ready.',
    },
  }),
};
