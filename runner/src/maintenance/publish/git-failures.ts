import { UnderstudyError } from '../../errors/index.js';

/** Whether git says that the branch got other commits meanwhile. */
export const isMoved = (said: string): boolean =>
  /\[rejected\].*\((?:fetch first|non-fast-forward|stale info)|cannot lock ref|incorrect old value|failed to update ref/.test(
    said,
  );

/** @param signs whether the commits were signed */
export function pushFailed(host: string, said: string, signs: boolean): UnderstudyError {
  if (!/\[(?:remote )?rejected\]|remote: error|pre-receive hook declined|protected branch/.test(said))
    return networkFailed(host, 'git push', said);
  return new UnderstudyError('PUBLISH_REJECTED', undefined, {
    host,
    command: 'git push',
    stderr: said,
    ...(/signed|signature/i.test(said) && !signs
      ? {
          next: 'The branch requires signed commits: set publish.signingKey to an SSH key that is a signing key of the author’s account.',
        }
      : {}),
  });
}

export function networkFailed(host: string, command: string, stderr: string): UnderstudyError {
  const next = /Authentication failed|could not read Username|Permission denied|denied to|403/.test(stderr)
    ? 'Check that the deploy key (with write access) or the token may write to the repository.'
    : /not found|does not appear to be a git repository/i.test(stderr)
      ? 'Check publish.repository.'
      : undefined;
  return new UnderstudyError('PUBLISH_FAILED', `${command} failed.`, {
    host,
    command,
    stderr,
    next,
  });
}
