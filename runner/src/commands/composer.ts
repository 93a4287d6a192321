import { type Command, writeCommand } from './command.js';

/**
 * The Composer that Understudy relies on: 2.2 and later (getcomposer.org/doc/03-cli.md). What it says about success is
 * not relied on: versions are read from composer.lock and from what lies in vendor.
 */
export interface Composer {
  /** Program: a name on the PATH, or an absolute path. */
  readonly program: string;
  /** Folder of composer.json as seen where the program runs. */
  readonly folder: string;
}

/** For root Composer turns off the plugin that knows where WordPress' plugins go, unless this variable is set. */
const call = ({ program, folder }: Composer, ...words: readonly string[]): Command<'write'> => ({
  ...writeCommand(program, ...words, '--no-interaction', '--no-ansi', `--working-dir=${folder}`),
  environment: { COMPOSER_ALLOW_SUPERUSER: '1' },
});

export const composerVersion = (composer: Composer): Command<'write'> => call(composer, '--version');

/** Asks the registries what is newer than what is installed; changes nothing but Composer's own cache. */
export const composerOutdated = (composer: Composer, dev: boolean): Command<'write'> =>
  call(composer, 'outdated', '--direct', '--format=json', ...(dev ? [] : ['--no-dev']));

/** @param dev whether the packages for development are installed: then they stay, else none is added */
export const composerUpdate = (composer: Composer, name: string, dev: boolean): Command<'write'> =>
  call(composer, 'update', name, '--with-dependencies', '--no-progress', ...(dev ? [] : ['--no-dev']));

/** `vendor/name`, as Composer accepts it (getcomposer.org/doc/04-schema.md, name). */
export const isPackageName = (name: string): boolean =>
  /^[a-z0-9](?:[_.-]?[a-z0-9]+)*\/[a-z0-9](?:(?:[_.]|-{1,2})?[a-z0-9]+)*$/.test(name) && name.length <= 150;
