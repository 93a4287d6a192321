import { defineCodes } from '../catalogue-entry.js';
import { EXIT } from '../exit-codes.js';

export const jenkinsCodes = defineCodes({
  JENKINS_REFUSED: {
    exit: EXIT.usage,
    title: 'Jenkins refused the request.',
    next: 'Check the address, the user and the API token.',
  },
});
