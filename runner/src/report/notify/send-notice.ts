import { type NotifySettings } from '../../config/sections.js';
import { resolveSecret } from '../../config/secrets/resolve-secret.js';
import { type SecretReference } from '../../config/site.js';
import { maskSecrets, maskValues, shownLine, UnderstudyError, messageOf } from '../../errors/index.js';
import { type Before, isWanted, type Notice, linkText, noticeLine, noticeLink } from './notice.js';
import { sendRequest } from '../../http/send-request.js';

/**
 * Sends a message over every channel of the site, if the site file wants one for this event.
 * @param before how the same work ended the last time
 * @throws NOTIFY_FAILED naming every channel that did not take it; a message that does not arrive never fails a run, so
 *   callers turn it into a warning
 */
export async function sendNotice(
  settings: NotifySettings | undefined,
  notice: Notice,
  before?: Before,
): Promise<void> {
  if (settings === undefined || !isWanted(settings, notice.event, before)) return;
  const { webhook, slack, teams, email } = settings;
  const channels: [string, () => Promise<void>][] = [
    ...chatChannel('webhook', webhook, () => webhookDocument(notice)),
    ...chatChannel('slack', slack, () => slackMessage(notice)),
    ...chatChannel('teams', teams, () => teamsMessage(notice)),
  ];
  if (email !== undefined)
    channels.push(['email', async () => (await import('./mail.js')).sendMail(email, notice)]);
  const ends = await Promise.allSettled(channels.map(([, send]) => send()));
  const problems = ends.flatMap((end, index) =>
    end.status === 'fulfilled' ? [] : [`notify.${channels[index]?.[0] ?? ''}: ${reasonOf(end.reason)}`],
  );
  if (problems.length > 0)
    throw new UnderstudyError('NOTIFY_FAILED', `A notification could not be sent. ${problems.join('; ')}.`);
}

const chatChannel = (
  name: string,
  address: SecretReference | undefined,
  document: () => object,
): [string, () => Promise<void>][] =>
  address === undefined ? [] : [[name, () => post(address, document())]];

const reasonOf = (reason: unknown): string =>
  shownLine(maskSecrets(messageOf(reason)).slice(0, 300)).replace(/\.$/, '');

async function post(reference: SecretReference, document: object): Promise<void> {
  const address = (await resolveSecret(reference)).reveal();
  let status: number;
  try {
    const answer = await sendRequest({
      url: address,
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(maskValues(document)),
      timeoutSeconds: 15,
    });
    status = answer.status;
  } catch {
    // What is said may hold the address, which is a secret.
    throw new Error('it did not answer');
  }
  if (status >= 300) throw new Error(`it answered with status ${String(status)}`);
}

/**
 * Text for Slack's own markup: no mention, no link. https://api.slack.com/reference/surfaces/formatting#escaping
 * What is not escaped there (`*`, `_`, a name behind `@`) changes how a line looks, so blocks use plain text instead.
 */
const slackText = (text: string): string =>
  noticeLine(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/(?<![\w.])@(?=\w)/g, '@ ');

const headlineOf = ({ title, headline }: Notice): string => noticeLine(`${title}: ${headline}`);

/** A message for an incoming webhook of Slack. Plain text blocks show every sign as it is. */
export function slackMessage(notice: Notice): object {
  const link = noticeLink(notice.link);
  const plain = (text: string): object => ({
    type: 'section',
    text: { type: 'plain_text', text: noticeLine(text), emoji: false },
  });
  return {
    text: slackText(headlineOf(notice)),
    blocks: [
      plain(headlineOf(notice)),
      ...(notice.next === '' ? [] : [plain(`Do this: ${notice.next}`)]),
      ...(link === ''
        ? []
        : [
            {
              type: 'section',
              text: { type: 'mrkdwn', text: `<${link.replaceAll('&', '&amp;')}|${linkText(notice)}>` },
            },
          ]),
    ],
  };
}

/**
 * A card for a Teams workflow ("When a Teams webhook request is received"). A TextBlock would read Markdown; the runs of a
 * RichTextBlock are shown as they are. https://adaptivecards.io/explorer/RichTextBlock.html
 */
export function teamsMessage(notice: Notice): object {
  const link = noticeLink(notice.link);
  const block = (text: string, bold = false): object => ({
    type: 'RichTextBlock',
    inlines: [{ type: 'TextRun', text: noticeLine(text), ...(bold ? { weight: 'Bolder' } : {}) }],
  });
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            block(headlineOf(notice), true),
            ...(notice.next === '' ? [] : [block(`Do this: ${notice.next}`)]),
          ],
          ...(link === ''
            ? {}
            : { actions: [{ type: 'Action.OpenUrl', title: linkText(notice), url: link }] }),
        },
      },
    ],
  };
}

/** The document of the generic webhook: each metric as a field, and `text` in Slack's form. */
export function webhookDocument(notice: Notice): object {
  const lines = [
    slackText(headlineOf(notice)),
    ...(notice.next === '' ? [] : [slackText(`Do this: ${notice.next}`)]),
    ...(noticeLink(notice.link) === '' ? [] : [noticeLink(notice.link)]),
  ];
  const { event, site, run } = notice;
  const [title, headline, next] = [notice.title, notice.headline, notice.next].map(noticeLine);
  const link = noticeLink(notice.link);
  return { version: 1, event, site, title, run, headline, next, link, text: lines.join('\n') };
}
