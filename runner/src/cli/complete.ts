import { readdir } from 'node:fs/promises';
import { type Option } from 'commander';
import { classifyFileName } from '../config/rules/site-name.js';
import { type CommandDefinition } from './define-command.js';
import { globalOptions, YES } from './options.js';

/**
 * What may stand where the last word is being typed. Pure but for the names of the site files.
 * @param typed the words after `understudy`; the last one is unfinished, perhaps ''
 */
export async function candidates(
  commands: readonly CommandDefinition[],
  typed: readonly string[],
  sites: string,
): Promise<string[]> {
  const current = typed.at(-1) ?? '';
  const before = typed.slice(0, -1);
  const { definition, spoken, folder, awaited } = parse(commands, before, sites);
  const offered =
    awaited !== undefined
      ? (awaited.argChoices ?? [])
      : current.startsWith('-')
        ? optionsOf(definition).flatMap(({ long }) => long ?? [])
        : definition === undefined
          ? [...commands.map(({ name }) => name), 'help']
          : await wordsFor(definition, spoken, folder);
  return offered.filter((word) => word.startsWith(current) && !before.includes(word));
}

const optionsOf = (definition: CommandDefinition | undefined): readonly Option[] => [
  ...(definition?.options ?? []),
  ...(definition?.asks === true ? [YES] : []),
  ...globalOptions({}),
];

const takesValue = ({ flags }: Option): boolean => /[<[]/.test(flags);

/** The command and how many of its words are there; the option that waits for its value. */
function parse(
  commands: readonly CommandDefinition[],
  words: readonly string[],
  sites: string,
): {
  readonly definition: CommandDefinition | undefined;
  readonly spoken: number;
  readonly folder: string;
  readonly awaited: Option | undefined;
} {
  let definition: CommandDefinition | undefined;
  let [spoken, folder] = [0, sites];
  let awaited: Option | undefined;
  for (const word of words) {
    if (awaited !== undefined) {
      if (awaited.long === '--sites') folder = word;
      awaited = undefined;
    } else if (word.startsWith('-')) {
      const option = optionsOf(definition).find(({ long, short }) => long === word || short === word);
      awaited = option !== undefined && takesValue(option) ? option : undefined;
    } else if (definition === undefined) definition = commands.find(({ name }) => name === word);
    else spoken += 1;
  }
  return { definition, spoken, folder, awaited };
}

async function wordsFor(
  { words = [] }: CommandDefinition,
  spoken: number,
  folder: string,
): Promise<readonly string[]> {
  const last = words.at(-1);
  const word = words[spoken] ?? (last?.several === true ? last : undefined);
  return word?.completes === 'site' ? siteNames(folder) : (word?.completes ?? []);
}

async function siteNames(folder: string): Promise<string[]> {
  const entries = await readdir(folder).catch(() => []);
  return entries
    .map(classifyFileName)
    .flatMap((found) => (found.kind === 'site' ? found.name : []))
    .sort();
}

/** They ask this program for the words that fit; a new command needs no new script. */
const SCRIPTS: Readonly<Record<string, readonly string[]>> = {
  bash: [
    '# bash completion of understudy',
    '_understudy() {',
    "  local IFS=$'\\n'",
    '  COMPREPLY=($("${COMP_WORDS[0]}" completion words -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))',
    '}',
    'complete -o default -F _understudy understudy',
  ],
  zsh: [
    '#compdef understudy',
    '# zsh completion of understudy',
    '_understudy() {',
    '  local -a found',
    '  found=("${(@f)$("${words[1]}" completion words -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")',
    '  found=(${found:#})',
    '  if (( ${#found} )); then compadd -a found; else _files; fi',
    '}',
    'if [ "$funcstack[1]" = _understudy ]; then _understudy "$@"; else compdef _understudy understudy; fi',
  ],
  fish: [
    '# fish completion of understudy',
    'function __understudy_words',
    '    set -l typed (commandline -opc) (commandline -ct)',
    '    $typed[1] completion words -- $typed[2..-1] 2>/dev/null',
    'end',
    "complete -c understudy -f -a '(__understudy_words)'",
  ],
};

/** What a shell reads to complete `understudy`; undefined for a shell that has none. */
export const completionScript = (shell: string): string | undefined =>
  Object.hasOwn(SCRIPTS, shell) ? `${SCRIPTS[shell]?.join('\n') ?? ''}\n` : undefined;
