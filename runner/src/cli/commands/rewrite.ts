import { InvalidArgumentError, Option } from 'commander';
import type { RewriteFlags } from '../../pipelines/dump-file/rewrite-dump.js';
import type { ReplacementPair } from '../../rewrite/index.js';
import { defineCommand } from '../define-command.js';

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
export const rewriteCommand = defineCommand<RewriteFlags>({
  name: 'rewrite',
  group: 'Tools',
  summary: 'rewrite the URLs in an SQL dump; streams to stdout',
  options: [
    new Option('--file <dump>', 'the dump; - for stdin').default('-'),
    new Option('--tables <schema.sql>', 'the CREATE TABLE statements, for a dump without them'),
    new Option('--from <url>', 'the site as it is in the dump'),
    new Option('--to <url>', 'the target site URL'),
    new Option('--pair <kind:from:to>', 'a further replacement (url, host, path, text); may be repeated')
      .argParser(parsePair)
      .default([], 'none'),
    new Option('--www <one|both>', 'whether the other www form is the same site or one of its own')
      .argParser(oneOf('one', 'both'))
      .default('one'),
    new Option('--base64 <report|rewrite>', 'what to do inside base64')
      .argParser(oneOf('report', 'rewrite'))
      .default('report'),
    new Option('--sql-mode <modes>', 'NO_BACKSLASH_ESCAPES, ANSI_QUOTES, as when the dump was made').default(
      '',
    ),
  ],
  examples: [
    {
      words: 'rewrite --file dump.sql --from https://www.acme.com --to https://staging.acme.com > out.sql',
      about: 'every encoding, lengths of serialized values kept right',
    },
  ],
  writesStdout: true,
  run: async ({ flags }) => {
    const { rewriteDump } = await import('../../pipelines/dump-file/rewrite-dump.js');
    await rewriteDump(flags);
    return undefined;
  },
});
