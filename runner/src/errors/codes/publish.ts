import { defineCodes } from '../catalogue-entry.js';
import { EXIT } from '../exit-codes.js';

/** The promoted tree on its way to the archive and the repository. */
export const publishCodes = defineCodes({
  ARCHIVE_NOT_CONFIGURED: {
    exit: EXIT.usage,
    title: 'The site file has no archive section.',
    next: 'Add archive.path (and archive.ssh) to the site file.',
  },
  NOTHING_PROMOTED: {
    exit: EXIT.preflight,
    title: 'There is no complete promotion to archive.',
    next: 'Run understudy promote <site> first: only what production serves is archived.',
  },
  ARCHIVE_TREE_DIFFERS: {
    exit: EXIT.preflight,
    title: 'Staging differs from the promoted tree.',
    next: 'Find out what changed it; then sync, test and promote again. Nothing was archived.',
  },
  ARCHIVE_FOLDER_MISSING: {
    exit: EXIT.preflight,
    title: 'The archive folder does not exist.',
    next: 'Mount the file system; for a new site create the folder on it. It is never created here, because without the mount it would lie on the local disk.',
  },
  ARCHIVE_DELETES_TOO_MUCH: {
    exit: EXIT.preflight,
    title: 'Archiving would delete an unusual number of files.',
    next: 'Check archive.path. If the deletions are intended, use --allow-deletions for this run.',
  },
  ARCHIVE_COPY_FAILED: {
    exit: EXIT.stageFailed,
    title: 'The files could not be copied into the archive.',
    next: 'Read the last lines of rsync. Starting again sends only what is missing.',
  },
  ARCHIVE_LEFT_OUT: {
    severity: 'info',
    title: 'Promoted files are left out of the archive.',
    next: 'This is intended for secrets and archive.exclude; the digest of the archive then differs.',
  },
  ARCHIVE_INCOMPLETE: {
    exit: EXIT.verificationFailed,
    title: 'The archive differs from the promoted tree, although everything was copied.',
    next: 'Look at the files below: something else writes into the archive. Then run understudy archive <site> again.',
  },
  PUBLISH_NOT_CONFIGURED: {
    exit: EXIT.usage,
    title: 'The site file does not say what to publish, or where.',
    next: 'Add the sections archive and publish to the site file.',
  },
  NOTHING_ARCHIVED: {
    exit: EXIT.preflight,
    title: 'The promoted tree has not been archived yet.',
    next: 'Run understudy archive <site> first.',
  },
  PUBLISH_TREE_CHANGED: {
    exit: EXIT.preflight,
    title: 'The archive has changed since it was written.',
    next: 'Run understudy archive <site> again: it restores the promoted tree. Nothing was published.',
  },
  PUBLISH_SECRETS: {
    exit: EXIT.preflight,
    title: 'The tree seems to contain secrets.',
    next: 'Remove them and rotate the secrets, or name harmless files in publish.allowSecrets or archive.exclude. Nothing was published.',
  },
  PUBLISH_TOO_LARGE: {
    exit: EXIT.preflight,
    title: 'GitHub rejects files over 100 MB.',
    next: 'Remove the files, or name them in archive.exclude. Nothing was published.',
  },
  PUBLISH_UNRELATED_HISTORY: {
    exit: EXIT.preflight,
    title: 'The history of the branch is unrelated to this site.',
    next: 'Check publish.repository and publish.branch. To continue on a history that was rewritten on purpose, use --overwrite: it adds a commit and never forces.',
  },
  PUBLISH_CONFLICT: {
    exit: EXIT.preflight,
    title: 'The repository has code that was never on production, and publishing would undo it.',
    next: 'Bring these changes to production (or out of the branch) first, or use publish.mode: pull-request. To undo them with a commit: --overwrite.',
  },
  PUBLISH_ATTRIBUTES: {
    exit: EXIT.preflight,
    title:
      'The repository’s .gitattributes would change the published bytes (large-file filter, line endings).',
    next: 'Unset these attributes (-filter, -text), or name the paths in archive.exclude. Nothing was published.',
  },
  PUBLISH_REJECTED: {
    exit: EXIT.stageFailed,
    title: 'The repository rejected the commit.',
    next: 'Read its answer above. A protected branch needs publish.mode: pull-request, or a rule that lets the deploy key push.',
  },
  PUBLISH_FAILED: {
    exit: EXIT.stageFailed,
    title: 'git failed.',
    next: 'Read the last lines of the command. Starting again is safe.',
  },
  PUBLISH_PULL_REQUEST_FAILED: {
    exit: EXIT.stageFailed,
    title: 'The branch was pushed, but the pull request could not be opened.',
    next: 'Check publish.token (it needs the right to write pull requests); then run understudy publish <site> again.',
  },
  PUBLISH_OLD_SECRETS: {
    severity: 'warning',
    title: 'The repository holds files with secrets from earlier commits.',
    next: 'Remove them there and rotate the secrets: the history of the repository keeps them.',
  },
});
