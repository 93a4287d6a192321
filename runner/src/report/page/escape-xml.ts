import { escapeMarkup } from '../../basics/escape-markup.js';
import { maskSecrets, shownText } from '../../errors/index.js';

/** Text for XML 1.0: secrets masked before anything is escaped; what XML cannot hold at all is left out. */
export const escapeXml = (text: string): string =>
  escapeMarkup(
    shownText(maskSecrets(text)).replace(
      /[^\u0009\u000a\u000d\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu,
      '\ufffd',
    ),
  );
