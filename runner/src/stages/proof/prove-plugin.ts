import { UnderstudyError, messageOf } from '../../errors/index.js';
import {
  askByPhp,
  askByRequest,
  type ClearAnswer,
  type PluginAnswer,
} from '../../wordpress/plugin/ask-plugin.js';
import { createHttpClient } from '../../http/site-client.js';
import { type StageContext } from '../stage.js';
import { coreAddress } from '../../wordpress/site/site-layout.js';
import { stagingLayout } from '../survey/site-layouts.js';

export interface PluginProof {
  /** What the plugin said to a request; undefined: it was asked by PHP on the host, or not at all. */
  readonly byRequest?: ClearAnswer;
  /** What is not proven; the copy stays in place, and the command ends with this. */
  readonly unproven?: UnderstudyError;
}

/**
 * Proves that what staging serves now has loaded the must-use plugin of this run: by a request with a one-time token,
 * else by PHP on the host.
 * @param arm writes the token's digest into the database that staging serves
 * @throws PLUGIN_NOT_LOADED when WordPress runs without the plugin
 */
export async function provePlugin(
  context: StageContext,
  token: string,
  arm: () => Promise<void>,
): Promise<PluginProof> {
  context.reporter.step('Asking staging whether the plugin of this run is loaded');
  const ask = (way: 'request' | 'php') => arm().then(() => askOne(context, way, token));
  let served = await ask('request');
  // OPcache may still hold the file of the run before; that one's answer has emptied it.
  if (served.kind === 'loaded' && !isOfRun(context, served)) served = await ask('request');
  if (served.kind === 'loaded') {
    if (isOfRun(context, served)) return { byRequest: served.answer };
    const why = `PHP still runs the plugin of ${served.answer.run === '' ? 'an earlier version' : `run ${served.answer.run}`}`;
    return { byRequest: served.answer, unproven: unproven(context, [why]) };
  }
  if (served.kind === 'missing') throw notLoaded(context, served.why);
  const onHost = await ask('php');
  if (onHost.kind === 'missing') throw notLoaded(context, onHost.why);
  if (onHost.kind === 'loaded' && isOfRun(context, onHost)) return {};
  const said = onHost.kind === 'silent' ? onHost.why : 'it is the plugin of another run';
  return { unproven: unproven(context, [`By a request: ${served.why}`, `By PHP on the host: ${said}`]) };
}

async function askOne(context: StageContext, way: 'request' | 'php', token: string): Promise<PluginAnswer> {
  const { staging } = context.site;
  if (way === 'php')
    return askByPhp(await context.hosts.staging(), staging, await context.wordpress?.staging(), token);
  try {
    const login = coreAddress((await stagingLayout(context)).relative, 'wp-login.php');
    return await askByRequest(await createHttpClient(staging.url, staging.http), staging.url, login, token);
  } catch (cause) {
    return { kind: 'silent', why: messageOf(cause) };
  }
}

const isOfRun = ({ run }: StageContext, asked: PluginAnswer & { readonly kind: 'loaded' }): boolean =>
  asked.answer.run === run.id;

const notLoaded = ({ site }: StageContext, why: string): UnderstudyError =>
  new UnderstudyError(
    'PLUGIN_NOT_LOADED',
    `The copy of ${site.name} runs without the plugin that keeps it harmless: ${why}.`,
  );

const unproven = ({ site, run }: StageContext, details: readonly string[]): UnderstudyError =>
  new UnderstudyError(
    'STAGING_UNPROVEN',
    `The copy of ${site.name} is in place, but it could not be proven that the plugin of run ${run.id} is loaded.`,
    {
      details,
      next: `Check whether ${site.staging.url} answers (staging.http), then sync again; or go back: understudy rollback ${site.name}`,
    },
  );
