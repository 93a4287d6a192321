import { defineCodes } from '../catalogue-entry.js';
import { EXIT } from '../exit-codes.js';

export const jenkinsCodes = defineCodes({
  JENKINS_REFUSED: {
    exit: EXIT.usage,
    title: 'Jenkins refused the request.',
    next: 'Check the address, the user and the API token.',
  },
  JENKINS_UNREACHABLE: {
    exit: EXIT.preflight,
    title: 'Jenkins cannot be reached.',
    next: 'Check the address given with --jenkins, and the network between this machine and Jenkins.',
  },
  JENKINS_LOGIN_MISSING: {
    exit: EXIT.usage,
    title: 'No login for Jenkins is set.',
    next: 'Set UNDERSTUDY_JENKINS_USER and UNDERSTUDY_JENKINS_TOKEN (an API token of that user).',
  },
  JENKINS_JOB_UNKNOWN: {
    exit: EXIT.usage,
    title: 'Jenkins has no such job, or this user may not see it.',
    next: 'Give the full name of the job, folders included, such as understudy/acme/sync.',
  },
  JENKINS_PARAMETER_REFUSED: {
    exit: EXIT.usage,
    title: 'The job does not accept this parameter or value.',
    next: 'Jenkins silently drops parameters that a job does not declare, so nothing was started. Correct the parameter.',
  },
  JENKINS_BUILD_FAILED: {
    exit: EXIT.stageFailed,
    title: 'The build failed.',
    next: 'Read the last lines of its log above.',
  },
  JENKINS_BUILD_UNSTABLE: {
    exit: EXIT.verificationFailed,
    title: 'The build is unstable: checks failed.',
    next: 'Open its test results.',
  },
  JENKINS_BUILD_ABORTED: {
    exit: EXIT.interrupted,
    title: 'The build was aborted.',
    next: 'Start it again when you are ready.',
  },
});
