import { maskSecrets, shownLine } from '../../errors/index.js';

/**
 * Text that came from elsewhere, in Markdown: one line, secrets masked, no markup, no mention (`@here`) and no link of
 * its own.
 */
export const plainMarkdown = (text: string): string =>
  shownLine(maskSecrets(text).replaceAll(/\s+/g, ' '))
    .replaceAll(/[\\`*_[\]<>|~#!]/g, (sign) => `\\${sign}`)
    .replaceAll(/(?<![\w.])@(?=\w)/g, '@ ');

export const codeMarkdown = (text: string): string =>
  `\`${shownLine(maskSecrets(text)).replaceAll('`', "'")}\``;
