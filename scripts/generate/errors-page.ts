import { catalogue } from '../../runner/src/errors/catalogue.js';
import { type CatalogueEntry } from '../../runner/src/errors/catalogue-entry.js';
import { EXIT } from '../../runner/src/errors/exit-codes.js';
import { type GeneratedFile } from './generated-file.js';

const MEANING: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'all went well',
  bug: 'a mistake of Understudy itself',
  usage: 'command line or site file; no host was touched',
  preflight: 'the run could not start; nothing was changed',
  stageFailed: 'a stage failed; staging serves what it served before',
  verificationFailed: 'a proof failed after the cutover',
  locked: 'another run works on the site',
  needsRepair: 'staging needs repair; the message is the command',
  interrupted: 'interrupted; staging serves what it served before',
};

const introduction = `# Errors

<!-- Made from runner/src/errors/codes/ by npm run generate. Do not edit. -->

Every error has a code, one sentence, the host and the command it is about (secrets masked), the last lines that the
command wrote, and what to do next. Warnings and notes have codes too, but never end a process. It ends with one of these exit codes:

| exit code | meaning |
|---|---|
${Object.entries(EXIT)
  .map(([name, code]) => `| ${String(code)} | ${MEANING[name as keyof typeof EXIT]} |`)
  .join('\n')}
`;

const endOf = (entry: CatalogueEntry): string =>
  'exit' in entry
    ? `Exit code ${String(entry.exit)}.`
    : entry.severity === 'warning'
      ? 'A warning: the command goes on.'
      : 'A note: the command goes on.';

/** docs/errors.md: every code of the catalogue, by name. */
export const errorsPage: GeneratedFile = {
  path: 'docs/errors.md',
  render: () => {
    const entries = Object.entries(catalogue as Readonly<Record<string, CatalogueEntry>>).sort(([a], [b]) =>
      a < b ? -1 : 1,
    );
    const sections = entries.map(
      ([code, entry]) => `### ${code}\n\n${entry.title} ${endOf(entry)}\n\n**What to do:** ${entry.next}\n`,
    );
    return `${introduction}\n## Codes\n\n${sections.join('\n')}`;
  },
};
