import { Option } from 'commander';
import { defineCommand, SITE_WORD } from '../define-command.js';
import { lookAt } from '../look-command.js';
import { parametersOf } from '../parameters-of.js';

/** `understudy prepare <site>`: what an empty staging lacks, and with `--apply` what of it can be made. */
export const prepareCommand = defineCommand<{ readonly apply?: true }>({
  name: 'prepare',
  group: 'To begin',
  summary:
    'what an empty staging needs: folder, database, rights, wp-config.php, permalinks; --apply creates what it can',
  words: [SITE_WORD],
  options: [new Option('--apply', 'create what is missing; nothing that exists is changed')],
  examples: [
    { words: 'prepare acme', about: 'what is missing, and the lines for it; changes nothing' },
    { words: 'prepare acme --apply', about: 'make it, and print what somebody else has to do' },
  ],
  data: { parts: 'name, state (there, made, would, open), sentence, lines' },
  run: (call) =>
    lookAt(call, parametersOf(call.name, call.words[0], {}).site, async (site, options) =>
      (await import('../../pipelines/prepare/prepare.js')).prepareStaging(
        site,
        call.flags.apply === true,
        options,
      ),
    ),
});
