import { OUTSIDE_ACCOUNTS } from '../../runner/src/wordpress/sanitize/outside-accounts.js';
import { type GeneratedFile } from './generated-file.js';

const introduction = `# Plugins that act on outside accounts

<!-- Made from runner/src/wordpress/sanitize/outside-accounts.ts by npm run generate. Do not edit. -->

A copy of a site has production's keys to other services. These plugins are recognised in every copy. With
\`staging.outside: disable\` (the default) those that have a switch are switched off in the copy, before it serves
anything, whether they are active or not; options that \`staging.keepOptions\` names are staging's own and stay. The others
are reported when they are active. \`report\` changes nothing and reports all of them. Besides, \`staging.blockHttp\` keeps
every plugin from writing to other hosts.

| plugin | what it does from a copy | in the copy |
|---|---|---|
`;

/** docs/outside-accounts.md: the table of plugins. */
export const outsidePage: GeneratedFile = {
  path: 'docs/outside-accounts.md',
  render: () =>
    introduction +
    OUTSIDE_ACCOUNTS.map(({ plugin, acts, off }) => `| ${plugin} | ${acts} | ${off ?? 'reported'} |\n`).join(
      '',
    ),
};
