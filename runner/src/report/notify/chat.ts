import { linkText, type Notice, noticeLine, noticeLink } from './notice.js';

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
