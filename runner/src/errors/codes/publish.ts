import { errors, notes, warnings } from '../catalogue-entry.js';
import { EXIT } from '../exit-codes.js';

export const publishCodes = {
  ...errors(EXIT.usage, {
    ARCHIVE_NOT_CONFIGURED: {
      title: 'The site file has no archive section.',
      next: 'Add archive.path (and archive.ssh) to the site file.',
    },
    PUBLISH_NOT_CONFIGURED: {
      title: 'The site file does not say what to publish, or where.',
      next: 'Add the sections archive and publish to the site file.',
    },
  }),
  ...errors(EXIT.preflight, {
    NOTHING_PROMOTED: {
      title: 'There is no complete promotion to archive.',
      next: 'Run understudy promote <site> first: only what production serves is archived.',
    },
    ARCHIVE_TREE_DIFFERS: {
      title: 'Staging differs from the promoted tree.',
      next: 'Find out what changed it; then sync, test and promote again. Nothing was archived.',
    },
    ARCHIVE_FOLDER_MISSING: {
      title: 'The archive folder does not exist.',
      next: 'Mount the file system; for a new site create the folder on it. It is never created here, because without the mount it would lie on the local disk.',
    },
    ARCHIVE_DELETES_TOO_MUCH: {
      title: 'Archiving would delete an unusual number of files.',
      next: 'Check archive.path. If the deletions are intended, use --allow-deletions for this run.',
    },
    NOTHING_ARCHIVED: {
      title: 'The promoted tree has not been archived yet.',
      next: 'Run understudy archive <site> first.',
    },
    PUBLISH_TREE_CHANGED: {
      title: 'The archive has changed since it was written.',
      next: 'Run understudy archive <site> again: it restores the promoted tree. Nothing was published.',
    },
    PUBLISH_SECRETS: {
      title: 'The tree seems to contain secrets.',
      next: 'Remove them and rotate the secrets, or name harmless files in publish.allowSecrets or archive.exclude. Nothing was published.',
    },
    PUBLISH_TOO_LARGE: {
      title: 'GitHub rejects files over 100 MB.',
      next: 'Remove the files, or name them in archive.exclude. Nothing was published.',
    },
    PUBLISH_UNRELATED_HISTORY: {
      title: 'The history of the branch is unrelated to this site.',
      next: 'Check publish.repository and publish.branch. To continue on a history that was rewritten on purpose, use --overwrite: it adds a commit and never forces.',
    },
    PUBLISH_CONFLICT: {
      title: 'The repository has code that was never on production, and publishing would undo it.',
      next: 'Bring these changes to production (or out of the branch) first, or use publish.mode: pull-request. To undo them with a commit: --overwrite.',
    },
    PUBLISH_ATTRIBUTES: {
      title:
        'The repository’s .gitattributes would change the published bytes (large-file filter, line endings).',
      next: 'Unset these attributes (-filter, -text), or name the paths in archive.exclude. Nothing was published.',
    },
  }),
  ...errors(EXIT.stageFailed, {
    ARCHIVE_COPY_FAILED: {
      title: 'The files could not be copied into the archive.',
      next: 'Read the last lines of rsync. Starting again sends only what is missing.',
    },
    PUBLISH_REJECTED: {
      title: 'The repository rejected the commit.',
      next: 'Read its answer above. A protected branch needs publish.mode: pull-request, or a rule that lets the deploy key push.',
    },
    PUBLISH_FAILED: {
      title: 'git failed.',
      next: 'Read the last lines of the command. Starting again is safe.',
    },
    PUBLISH_PULL_REQUEST_FAILED: {
      title: 'The branch was pushed, but the pull request could not be opened.',
      next: 'Check publish.token (it needs the right to write pull requests); then run understudy publish <site> again.',
    },
  }),
  ...notes({
    ARCHIVE_LEFT_OUT: {
      title: 'Promoted files are left out of the archive.',
      next: 'This is intended for secrets and archive.exclude; the digest of the archive then differs.',
    },
  }),
  ...errors(EXIT.verificationFailed, {
    ARCHIVE_INCOMPLETE: {
      title: 'The archive differs from the promoted tree, although everything was copied.',
      next: 'Look at the files below: something else writes into the archive. Then run understudy archive <site> again.',
    },
  }),
  ...warnings({
    PUBLISH_OLD_SECRETS: {
      title: 'The repository holds files with secrets from earlier commits.',
      next: 'Remove them there and rotate the secrets: the history of the repository keeps them.',
    },
  }),
};
