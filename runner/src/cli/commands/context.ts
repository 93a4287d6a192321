import { errorOutcome, exitCodeOf, forgetOutcome, writeOutcome } from '../../run/result.js';
import { defineCommand, SITE_WORD } from '../define-command.js';
import { parametersOf } from '../parameters-of.js';

/**
 * `understudy context <site>`: what the Jenkins bridge must know before it can run a stage, as one line of JSON.
 * Touches no host and reads no secret.
 */
export const contextCommand = defineCommand({
  name: 'context',
  group: 'Jenkins',
  summary: 'print what Jenkins needs about a site, as JSON; touches no host',
  words: [SITE_WORD],
  examples: [{ words: 'context acme', about: 'stages, credentials and sections of the site, on one line' }],
  writesStdout: true,
  run: async ({ name: command, words, globals }) => {
    const { site } = parametersOf(command, words[0], {});
    const { sites, workspace } = globals;
    forgetOutcome(workspace, site);
    try {
      const { loadSite } = await import('../../config/index.js');
      const { contextOf } = await import('../../jenkins/build-context.js');
      process.stdout.write(`${JSON.stringify(contextOf(await loadSite(sites, site)))}\n`);
      return undefined;
    } catch (error) {
      const reported = errorOutcome(error);
      const exitCode = exitCodeOf(error);
      writeOutcome(workspace, {
        version: 1,
        command: 'context',
        site,
        run: '',
        exitCode,
        summary: reported.message,
        error: reported,
      });
      throw error;
    }
  },
});
