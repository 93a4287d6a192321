import { Option } from 'commander';
import { UnderstudyError } from '../../errors/index.js';
import type { Dialog } from '../../pipelines/init/dialog.js';
import type { SideQuestions } from '../../pipelines/init/init-side.js';
import { askLine, isAttended } from '../confirm.js';
import { type Call, defineCommand } from '../define-command.js';
import { interruption } from '../interruption.js';

/** Also those of the sides: {@link aboutSide}. */
interface InitFlags {
  readonly type: 'wordpress' | 'php';
  readonly key?: string;
}

const sideOptions = (side: 'production' | 'staging'): Option[] => [
  new Option(`--${side} <url>`, `address of ${side}`),
  new Option(
    `--${side}-ssh <user@host>`,
    `ssh account of ${side}, with :port if it is not 22; local: this machine`,
  ),
  new Option(`--${side}-path <folder>`, `document root of ${side}; default: looked for`),
  new Option(`--${side}-host-key <fingerprint>`, `SHA256:… that ${side} shows on its own console`),
  new Option(`--${side}-via <user@host>`, `bastion on the way to ${side}`),
  new Option(`--${side}-via-host-key <fingerprint>`, 'SHA256:… that the bastion shows on its own console'),
  new Option(`--${side}-resolve <address>`, `address of ${side}'s pages where DNS does not say it`),
  new Option(`--${side}-ca <file>`, `certificate authority of ${side}'s pages`),
  new Option(
    `--${side}-database <host:port>`,
    `database server as ${side} sees it; default: its wp-config.php says it`,
  ),
  new Option(
    `--${side}-database-name <name>`,
    `database of ${side}; for WordPress its wp-config.php says it`,
  ),
  new Option(`--${side}-database-user <user>`, 'account of that database'),
];

/** `understudy init`: the site file of a new site. */
export const initCommand = defineCommand<InitFlags>({
  name: 'init',
  group: 'To begin',
  summary: 'ask for a site, look at both machines, and write its site file; changes nothing on them',
  words: [{ name: 'name', about: 'what the site is called; its file is <sites>/<name>.yaml' }],
  options: [
    new Option('--type <type>', 'php for a site that is not WordPress')
      .choices(['wordpress', 'php'])
      .default('wordpress'),
    new Option('--key <file>', 'private key for both; default: the ssh-agent, then the own keys of ssh'),
    ...sideOptions('production'),
    ...sideOptions('staging'),
  ],
  examples: [
    { words: 'init acme', about: 'asks for what it needs' },
    {
      words:
        'init acme --production https://www.acme.com --production-ssh deploy@app.acme.net --staging https://staging.acme.com --staging-ssh deploy@staging.acme.net',
      about: 'asks for what is left: whether the host keys are right',
    },
  ],
  data: { file: 'the file that was written', text: 'what it holds' },
  run: async (call) => {
    const { flags, words, globals, console } = call;
    const { createSiteFile } = await import('../../pipelines/init/init.js');
    return createSiteFile(
      {
        name: words[0],
        type: flags.type,
        key: flags.key,
        sites: globals.sites,
        production: aboutSide(flags, 'production'),
        staging: aboutSide(flags, 'staging'),
      },
      dialogOf(call),
      { console, signal: interruption() },
    );
  },
});

/** `productionHostKey` is `hostKey` of production, and `production` alone its `url`. */
const aboutSide = (flags: InitFlags, side: 'production' | 'staging'): SideQuestions =>
  Object.fromEntries(
    Object.entries(flags)
      .filter(([flag]) => flag.startsWith(side))
      .map(([flag, value]) => [flag.slice(side.length), value as string])
      .map(([what = '', value]) => [what.slice(0, 1).toLowerCase() + what.slice(1) || 'url', value]),
  );

const dialogOf = (call: Pick<Call, 'globals'>): Dialog => ({
  async ask(question, { flag, example, usual }) {
    if (!isAttended(call))
      throw new UnderstudyError('USAGE', `${question}: it was not given, and nobody can be asked.`, {
        next: `Give ${flag}, or run it on a terminal.`,
      });
    const hint = usual !== undefined ? ` [${usual}]` : example !== undefined ? ` (such as ${example})` : '';
    for (;;) {
      const answer = (await askLine(`${question}${hint}: `)) || usual;
      if (answer !== undefined && answer !== '') return answer;
    }
  },
  confirm: async (question) =>
    isAttended(call) ? /^y(es)?$/i.test(await askLine(`${question} [y/N] `)) : undefined,
});
