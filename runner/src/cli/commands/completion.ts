import { UnderstudyError } from '../../errors/index.js';
import { type CommandDefinition, defineCommand } from '../define-command.js';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** `understudy completion bash|zsh|fish`: what to put into the start file of a shell. */
export const completionCommand = (commands: () => readonly CommandDefinition[]) =>
  defineCommand({
    name: 'completion',
    group: 'Tools',
    summary: 'print the completion of commands, options and sites for a shell',
    words: [
      { name: 'shell', about: SHELLS.join(', '), required: true, completes: SHELLS },
      {
        name: 'words',
        about: 'with "words" as shell: the command line so far; prints what fits',
        several: true,
      },
    ],
    examples: [
      { words: 'completion bash > ~/.local/share/bash-completion/completions/understudy', about: 'bash' },
      { words: 'completion zsh > "${fpath[1]}/_understudy"', about: 'zsh' },
      { words: 'completion fish > ~/.config/fish/completions/understudy.fish', about: 'fish' },
    ],
    writesStdout: true,
    run: async ({ words: [shell = '', ...typed], globals }) => {
      const { candidates, completionScript } = await import('../complete.js');
      if (shell === 'words') {
        process.stdout.write(
          (await candidates(commands(), typed, globals.sites)).map((word) => `${word}\n`).join(''),
        );
        return undefined;
      }
      const script = completionScript(shell);
      if (script === undefined)
        throw new UnderstudyError('USAGE', `There is no completion for ${JSON.stringify(shell)}.`, {
          next: `The shells are ${SHELLS.join(', ')}.`,
        });
      process.stdout.write(script);
      return undefined;
    },
  });
