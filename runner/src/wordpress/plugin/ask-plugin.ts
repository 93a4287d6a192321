import { shellScript } from '../../commands/command.js';
import { type SideSettings } from '../../config/site.js';
import { lastLines, messageOf } from '../../errors/index.js';
import { type ReadingHost } from '../../hosts/host.js';
import { type HttpAnswer, type HttpClient } from '../../http/site-client.js';
import { inContainer, webRootOf } from '../settings/find-wp-config.js';
import { PLUGIN_PROGRAM, RUN_WORDPRESS } from '../../commands/scripts/wp-config-scripts.js';
import { type WordPressSettings } from '../settings/wordpress-settings.js';

/** What the must-use plugin said of itself and of the PHP that runs it. */
export interface ClearAnswer {
  /** The run that wrote the plugin. */
  readonly run: string;
  /** The command to which PHP's `mail()` hands mail, past WordPress; '' where it leads nowhere. */
  readonly mailProgram: string;
  /** The file that defines `wp_mail()` in the plugin's place; '' where the plugin does. */
  readonly mailer: string;
  /** Whether requests through libcurl, past WordPress' own functions, could be closed. */
  readonly closesCurl: boolean;
}

export type PluginAnswer =
  /** The plugin answered, and emptied OPcache and the object cache of the PHP that it runs in. */
  | { readonly kind: 'loaded'; readonly answer: ClearAnswer }
  /** WordPress answered, and runs without the plugin. */
  | { readonly kind: 'missing'; readonly why: string }
  /** Who answered, if anybody, is no WordPress. */
  | { readonly kind: 'silent'; readonly why: string };

/** Signs of WordPress' own page for logging in. */
const WORDPRESS_LOGIN = /id=["']loginform["']|name=["']wp-submit["']/;

/**
 * Asks the must-use plugin by a request. The token is good for one answer; the database knows its digest.
 * The login page is the one that caches leave alone.
 * @param login its path below the site's address, as {@link coreAddress} gives it
 */
export async function askByRequest(
  client: HttpClient,
  url: string,
  login: string,
  token: string,
): Promise<PluginAnswer> {
  const base = url.endsWith('/') ? url : `${url}/`;
  const address = new URL(`${login.replace(/^\//, '')}?understudy=${String(Date.now())}`, base);
  try {
    const answer = await client(address.href, {
      headers: { 'X-Understudy-Token': token, 'Cache-Control': 'no-cache' },
    });
    return readAnswer(answer);
  } catch (cause) {
    return { kind: 'silent', why: messageOf(cause) };
  }
}

function readAnswer(answer: HttpAnswer): PluginAnswer {
  const body = answer.body.toString();
  const said = clearAnswer(body);
  if (said !== undefined) return { kind: 'loaded', answer: said };
  if (answer.verdict === 'ok' && WORDPRESS_LOGIN.test(body))
    return { kind: 'missing', why: 'staging answered with the login page of a WordPress without the plugin' };
  return {
    kind: 'silent',
    why: `staging answered with ${String(answer.status)} (${answer.verdict}), not with the plugin's answer`,
  };
}

/** Plugins may print before ours does: the answer is the last line that is JSON. */
function clearAnswer(body: string): ClearAnswer | undefined {
  const start = body.lastIndexOf('{"understudy":"cleared"');
  if (start < 0) return undefined;
  try {
    const { run, mailProgram, putenv, mailer } = JSON.parse(body.slice(start)) as Readonly<
      Record<string, unknown>
    >;
    return {
      run: typeof run === 'string' ? run : '',
      mailProgram: typeof mailProgram === 'string' ? mailProgram : '',
      mailer: typeof mailer === 'string' ? mailer : '',
      closesCurl: putenv !== false,
    };
  } catch {
    return undefined;
  }
}

/**
 * Asks it by PHP on the host (or in the container) that serves staging. Loads WordPress up to its must-use plugins, no
 * other plugin. The token goes by stdin.
 */
export async function askByPhp(
  host: ReadingHost,
  side: SideSettings,
  settings: WordPressSettings | undefined,
  token: string,
): Promise<PluginAnswer> {
  const root = webRootOf(side, settings);
  const command = shellScript('read', RUN_WORDPRESS, [PLUGIN_PROGRAM, root, side.url]);
  const { code, stdout, stderr } = await host.run(inContainer(side, command), {
    stdin: `${token}\n`,
    allowedExitCodes: 'any',
    timeoutSeconds: 60,
    label: "ask staging's PHP for the plugin",
  });
  const text = stdout.toString();
  const said = clearAnswer(text);
  if (said !== undefined) return { kind: 'loaded', answer: said };
  const folder = /\{"understudy":"not loaded","folder":"([^"]*)"\}/.exec(text)?.[1];
  if (folder !== undefined)
    return {
      kind: 'missing',
      why: `WordPress loads must-use plugins from ${Buffer.from(folder.replaceAll('\\/', '/'), 'base64').toString()}, and the plugin is not among them`,
    };
  if (code === 97) return { kind: 'silent', why: 'there is no PHP for the command line' };
  const end = lastLines(stderr, 1) || lastLines(text, 1);
  return { kind: 'silent', why: `PHP ended with exit code ${String(code)}${end === '' ? '' : `: ${end}`}` };
}
