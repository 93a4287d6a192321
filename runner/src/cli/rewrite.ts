import { Command, InvalidArgumentError } from 'commander';
import type { RewriteFlags } from '../pipelines/rewrite-dump.js';
import type { ReplacementPair } from '../rewrite/index.js';

/** `kind:from:to`; URLs have colons of their own, so for them the text is split before the second scheme. */
function parsePair(text: string, previous: readonly ReplacementPair[] = []): ReplacementPair[] {
  const parts =
    /^(url):(https?:\/\/.+?):(https?:\/\/.+)$/i.exec(text) ?? /^(host|path|text):(.+?):(.+)$/i.exec(text);
  if (parts === null)
    throw new InvalidArgumentError('Write kind:from:to, with url, host, path or text as kind.');
  const [, kind = '', from = '', to = ''] = parts;
  return [...previous, { kind: kind.toLowerCase() as ReplacementPair['kind'], from, to }];
}

const oneOf =
  <const Choice extends string>(...choices: readonly Choice[]) =>
  (text: string): Choice => {
    const found = choices.find((choice) => choice === text);
    if (found === undefined) throw new InvalidArgumentError(`Choose one of: ${choices.join(', ')}.`);
    return found;
  };

/** `understudy rewrite --file dump.sql`: the rewriter on a dump, streamed to stdout; counts go to stderr. */
export function rewriteCommand(): Command {
  return new Command('rewrite')
    .description('rewrite the URLs in an SQL dump; streams to stdout')
    .option('--file <dump>', 'the dump; - for stdin', '-')
    .option('--tables <schema.sql>', 'the CREATE TABLE statements, for a dump without them')
    .option('--from <url>', 'the site as it is in the dump')
    .option('--to <url>', 'the site as it shall be')
    .option(
      '--pair <kind:from:to>',
      'a further replacement (url, host, path, text); may be repeated',
      parsePair,
      [],
    )
    .option(
      '--www <one|both>',
      'whether the other www form is the same site or one of its own',
      oneOf('one', 'both'),
      'one',
    )
    .option('--base64 <report|rewrite>', 'what to do inside base64', oneOf('report', 'rewrite'), 'report')
    .option('--sql-mode <modes>', 'NO_BACKSLASH_ESCAPES, ANSI_QUOTES, as when the dump was made', '')
    .action(async (flags: RewriteFlags) => {
      const { rewriteDump } = await import('../pipelines/rewrite-dump.js');
      await rewriteDump(flags);
    });
}
