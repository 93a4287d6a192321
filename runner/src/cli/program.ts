import { Argument, Command, CommanderError } from 'commander';
import { VERSION } from '../config/version.js';
import { UnderstudyError } from '../errors/index.js';
import { wantsColour } from '../report/terminal/colour.js';
import { createConsole } from '../report/terminal/console.js';
import { COMMANDS } from './commands.js';
import { type CommandDefinition, type GlobalFlags, type WordDefinition } from './define-command.js';
import { globalOptions, YES } from './options.js';
import { Reply } from './reply.js';

/** The command line: one file per command beside this one, all of them made from their definitions here. */
export function createProgram(reply: Reply = new Reply()): Command {
  const program = new Command('understudy')
    .description('Keeps staging sites faithful, harmless copies of production.')
    .version(VERSION, '-V, --version')
    .showHelpAfterError('(run understudy help for the commands)')
    .addHelpText('after', HELP_AFTER);
  for (const option of globalOptions(process.env)) program.addOption(option);
  for (const definition of COMMANDS) program.addCommand(commandOf(definition, reply));
  // Sub-commands inherit neither of these from the program.
  for (const command of [program, ...program.commands])
    command
      .exitOverride()
      .configureOutput({ writeErr: () => undefined })
      .configureHelp({ showGlobalOptions: true });
  return program;
}

const HELP_AFTER = `
New here: understudy init, doctor, plan, sync. understudy help <command> shows examples.`;

function commandOf(definition: CommandDefinition, reply: Reply): Command {
  const { name, summary, group, words = [], options = [], examples, asks } = definition;
  const command = new Command(name).description(summary).helpGroup(`${group}:`);
  for (const word of words) command.addArgument(argumentOf(word));
  for (const option of asks === true ? [...options, YES] : options) command.addOption(option);
  command.addHelpText(
    'after',
    `\nExamples:\n${examples.map(({ words, about }) => `  understudy ${words}\n      ${about}`).join('\n')}`,
  );
  return command.action(async (...given: unknown[]) => {
    reply.command = name;
    reply.taken = definition.writesStdout === true;
    const globals = globalsOf(command);
    const stream = globals.json ? process.stderr : process.stdout;
    const console = createConsole(stream, {
      colour: wantsColour(stream, process.env, globals.color),
      quiet: globals.quiet,
      verbose: globals.verbose,
      onData: reply.add,
    });
    const spoken = given
      .slice(0, words.length)
      .flat()
      .filter((word) => typeof word === 'string');
    reply.outcome = await definition.run({
      name,
      words: spoken,
      flags: command.opts(),
      globals,
      console,
      reply,
    });
  });
}

function globalsOf(command: Command): GlobalFlags {
  const { sites, workspace, json, quiet, verbose, color } = command.optsWithGlobals<
    Pick<GlobalFlags, 'sites' | 'workspace'> & Partial<GlobalFlags>
  >();
  return {
    sites,
    workspace,
    json: json === true,
    quiet: quiet === true,
    verbose: verbose === true,
    color: color !== false,
  };
}

const argumentOf = ({ name, about, required, several }: WordDefinition): Argument => {
  const text = several === true ? `${name}...` : name;
  return new Argument(required === true ? `<${text}>` : `[${text}]`, about);
};

/** Help and version are no errors; everything else that commander refuses is a usage error. */
export function asUsageError(error: unknown): unknown {
  if (!(error instanceof CommanderError)) return error;
  if (error.exitCode === 0) return undefined;
  if (error.code === 'commander.help') return new UnderstudyError('USAGE', 'No command was given.');
  const [sentence = '', ...lines] = error.message.replace(/^error: /, '').split('\n');
  const near = lines.find((line) => line.startsWith('(Did you mean'))?.replace(/^\((.*)\)$/, ' $1');
  return new UnderstudyError(
    'USAGE',
    `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}${near === undefined ? '' : `.${near}`}`,
  );
}
