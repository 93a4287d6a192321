import { type NotifySettings } from '../config/sections.js';
import { resolveSecret } from '../config/resolve-secret.js';
import { maskSecrets, maskValues, shownText, UnderstudyError } from '../errors/index.js';

export interface Notice {
  readonly event: NotifySettings['on'][number];
  readonly site: string;
  readonly run: string;
  /** One or a few lines. */
  readonly text: string;
  /** Where to read more; '' without one. */
  readonly link: string;
}

/**
 * Text for a chat: masked, no mentions and no links of its own. Escaping: https://api.slack.com/reference/surfaces/formatting
 */
const chatText = (text: string): string =>
  shownText(maskSecrets(text))
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/(?<![\w.])@(?=\w)/g, '@ ');

/**
 * Sends a message to the site's webhook, if the site file wants one for this event. The document has Slack's form
 * (`text`) and the same facts as fields for others.
 * @throws NOTIFY_FAILED; a message that does not arrive never fails a run, so callers turn it into a warning
 */
export async function sendNotice(settings: NotifySettings | undefined, notice: Notice): Promise<void> {
  if (settings === undefined || !settings.on.includes(notice.event)) return;
  const address = (await resolveSecret(settings.webhook)).reveal();
  const text = [chatText(notice.text), notice.link].filter((line) => line !== '').join('\n');
  let status: number;
  try {
    const answer = await fetch(address, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(maskValues({ ...notice, text })),
      // Where the address leads to is the secret's owner to say; a redirect would take the message elsewhere.
      redirect: 'error',
      signal: AbortSignal.timeout(15_000),
    });
    status = answer.status;
  } catch (cause) {
    throw new UnderstudyError('NOTIFY_FAILED', 'The webhook of notify did not answer.', { cause });
  }
  if (status >= 300)
    throw new UnderstudyError(
      'NOTIFY_FAILED',
      `The webhook of notify answered with status ${String(status)}.`,
    );
}
