import { type Site } from '../../config/site.js';
import { type Finding } from '../../errors/index.js';

/**
 * A finding that only follows from another one is left out: who removes the cause removes it too. An empty staging is told
 * as that, not also as a folder that could not be compared, entered or written.
 */
export function withoutConsequences(findings: readonly Finding[], { staging }: Site): readonly Finding[] {
  const isEmpty = findings.some(
    ({ code, message }) =>
      code === 'WP_CONFIG_UNREADABLE' &&
      message.startsWith(`There is no wp-config.php in ${staging.containerPath ?? staging.path} `),
  );
  if (!isEmpty) return findings;
  const follows = ({ code, message }: Finding): boolean =>
    (code === 'LIVE_GUARD_UNANSWERED' || code === 'CONTENT_FOLDER_MISSING') &&
    message.includes(`${staging.path} is not a folder`);
  return findings.filter((finding) => !follows(finding));
}
