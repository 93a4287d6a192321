import { type Option } from 'commander';
import { COMMANDS } from '../../runner/src/cli/commands.js';
import { type CommandDefinition, GROUPS, type WordDefinition } from '../../runner/src/cli/define-command.js';
import { globalOptions, YES } from '../../runner/src/cli/options.js';
import { type GeneratedFile } from './generated-file.js';

const INTRODUCTION = `# Commands

<!-- Made from runner/src/cli/ by npm run generate. Do not edit. -->

\`understudy help\` lists the commands, \`understudy help <command>\` shows one with its options and examples.
The exit codes are in [errors.md](errors.md). Commands that do something write how they ended into
\`<workspace>/<site>/result.json\`.

On a terminal there are colours (\`NO_COLOR=1\` or \`--no-color\`: none) and a line that shows how far the work is.
Commands that replace what people rely on ask first when a person sits at the terminal; \`--yes\` skips the question.
In Jenkins, in cron and behind a pipe nobody is asked.

## JSON

With \`--json\` every command that reports something prints one document on one line to stdout, however it ends; what
people read goes to stderr. Fields are only ever added. A change that would break a reader gets another \`version\`.

\`\`\`json
{
  "version": 1,
  "command": "runs",
  "site": "acme",
  "run": "",
  "exitCode": 0,
  "summary": "2 runs",
  "lines": [],
  "data": { "runs": [], "lock": null },
  "error": { "code": "…", "message": "…", "next": "…", "details": [] }
}
\`\`\`

| field | what it holds |
|---|---|
| \`command\`, \`site\`, \`run\` | what was asked; empty where it does not apply |
| \`exitCode\` | what the process ends with |
| \`summary\`, \`lines\` | the answer in one sentence, and more of it |
| \`data\` | what the command found; its keys are below, at the command |
| \`error\` | only when it failed: code, message, what to do next, details, and where known host, command, stderr |
`;

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

const optionRows = (options: readonly Option[]): string =>
  options
    .map(({ flags, description, defaultValue, argChoices, mandatory }) => {
      const notes = [
        ...(mandatory ? ['needed'] : []),
        ...(argChoices === undefined ? [] : [`one of ${argChoices.join(', ')}`]),
        ...(typeof defaultValue === 'string' && defaultValue !== '' ? [`default ${defaultValue}`] : []),
      ];
      return `| \`${flags.replaceAll('|', '\\|')}\` | ${cell(description)}${notes.length > 0 ? ` (${notes.join('; ')})` : ''} |`;
    })
    .join('\n');

const spelled = ({ name, required, several }: WordDefinition): string => {
  const text = `${name}${several === true ? '...' : ''}`;
  return required === true ? `<${text}>` : `[${text}]`;
};

function section(definition: CommandDefinition): string {
  const { name, summary, words = [], options = [], examples, asks, data } = definition;
  const all = asks === true ? [...options, YES] : options;
  const parts = [
    `### ${name}`,
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
    `\`\`\`text\nunderstudy ${[name, ...words.map(spelled), ...(all.length > 0 ? ['[options]'] : [])].join(' ')}\n\`\`\``,
  ];
  if (words.length > 0 || all.length > 0)
    parts.push(
      [
        '| | |',
        '|---|---|',
        ...words.map((word) => `| \`${spelled(word)}\` | ${cell(word.about)} |`),
        ...(all.length > 0 ? [optionRows(all)] : []),
      ].join('\n'),
    );
  parts.push(
    `\`\`\`text\n${examples.map((example) => `# ${example.about}\nunderstudy ${example.words}`).join('\n')}\n\`\`\``,
  );
  if (data !== undefined)
    parts.push(
      ['`data` of its JSON:', ...Object.entries(data).map(([key, about]) => `- \`${key}\`: ${about}`)].join(
        '\n',
      ),
    );
  return parts.join('\n\n');
}

/** docs/commands.md: what `--help` says, for all commands. */
export const commandsPage: GeneratedFile = {
  path: 'docs/commands.md',
  render: () => {
    const groups = GROUPS.map(
      (group) =>
        `## ${group}\n\n${COMMANDS.filter((command) => command.group === group)
          .map(section)
          .join('\n\n')}`,
    );
    return `${INTRODUCTION}\n## Options of every command\n\n| | |\n|---|---|\n${optionRows(globalOptions({}))}\n\n${groups.join('\n\n')}\n`;
  },
};
