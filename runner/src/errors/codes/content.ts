import { errors, notes, warnings } from '../catalogue-entry.js';
import { EXIT } from '../exit-codes.js';

export const contentCodes = {
  ...warnings({
    MEDIA_MISSING: {
      title: "Staging's pages will show broken pictures.",
      next: 'Set content.media.mode to read-through or sync; docs/media.md explains each mode.',
    },
    CONTENT_FILES_VANISHED: {
      title: 'Some files disappeared from production while they were copied.',
      next: 'Nothing: this is normal on a live site. If the same files are named each time, add them to content.exclude.',
    },
    SETTINGS_STAY: {
      title: "Files that hold production's secrets stay on production.",
      next: 'If the site needs such a file, create it on staging with settings of its own.',
    },
    CONTENT_LINK_OUTSIDE: {
      title: 'A link leads out of the site.',
      next: 'Check on staging that it points to the right target.',
    },
    CONTENT_OWNER: {
      title: 'Some files could not get the owner or group that their neighbours on staging have.',
      next: 'Add the staging account to the group of the site, or check that the web server can read the new files.',
    },
  }),
  ...errors(EXIT.stageFailed, {
    CONTENT_SYNC_FAILED: {
      title: 'Copying the files to staging failed.',
      next: 'Read the last lines above; the live tree was not touched. Start the build again.',
    },
    CONTENT_FILES_UNREADABLE: {
      title: 'Some files could not be copied.',
      next: 'Make the named files readable for the production account, or add them to content.exclude; staging was not touched.',
    },
    CONTENT_DISK_FULL: {
      title: 'The disk of the staging host is too full.',
      next: 'Free space on the filesystem of staging.workDir (understudy clean removes old runs), then start again.',
    },
    CONTENT_LINK_BROKEN: {
      title: 'The connection between production and staging broke while files were copied.',
      next: 'Start the build again: it continues where it stopped. If this happens each time, check the network and the logs of sshd.',
    },
    CONTENT_STALLED: {
      title: 'The file copy stalled.',
      next: 'Look for a slow disk or network on both hosts, then start the build again.',
    },
    CONTENT_KILLED: {
      title: 'rsync was killed.',
      next: 'Look for an abort or for the memory limit of the host (dmesg); then start the build again.',
    },
    CONTENT_SOURCE_MISSING: {
      title: 'The folder of the site is missing or empty on production.',
      next: 'Check production.path.',
    },
    CONTENT_IN_THE_WAY: {
      title: 'A folder on staging holds files of its own where production has a file or a link.',
      next: 'Move the named folders on staging away, or add them to content.exclude.',
    },
    CONTENT_LINK_TO_PRODUCTION: {
      title: "A link in production's files would lead staging into production.",
      next: 'Make the link relative on production, or add it to content.exclude.',
    },
    TOO_MANY_DELETIONS: {
      title: 'The sync would delete more of staging than the site file allows.',
      next: 'Check production.path; if the deletions are right, raise content.maxDeletePercent for this run.',
    },
    SETTINGS_SEARCH_FAILED: {
      title: "The search for files that hold production's secrets did not finish.",
      next: 'Staging was not touched. If user, name and password of the database are common words, give the account a long password; name large generated folders in content.exclude.',
    },
    SETTINGS_APPEARED: {
      title: "Files received production's secrets while they were copied; they were removed from the copy.",
      next: 'Start again: these files then stay on production.',
    },
    CONTENT_CONFLICT: {
      title: 'Production has a link or a file where staging has a folder with files of its own.',
      next: 'Nothing was put in place. Name the folder in content.keepOnStaging, or delete it on staging; then start again.',
    },
    FILE_SWAP_FAILED: {
      title: 'Putting the files in place failed.',
      next: 'Run understudy recover <site>: it finishes or undoes the change.',
    },
  }),
  ...notes({
    CONTENT_ONLY_ON_STAGING: {
      title: 'Staging has files that no sync copied; they stay.',
      next: 'Remove what staging does not need, or name it in content.keepOnStaging to silence this note.',
    },
    CONTENT_SPECIAL_FILES: {
      title: 'Pipes, sockets and devices are not copied.',
      next: 'Add them to content.exclude to silence this note.',
    },
    CONTENT_ODD_NAMES: {
      title: 'Some file names are not UTF-8.',
      next: 'Nothing, if the filesystems of both hosts accept any bytes (ext4, XFS); ZFS with utf8only, APFS and NTFS refuse such names.',
    },
  }),
  ...errors(EXIT.preflight, {
    OWN_FILE_NO_PLACE: {
      title: "Understudy's must-use plugin cannot be put among staging's files.",
      next: 'Put the folder of the must-use plugins inside staging.path, not behind a link that leads out of it; staging serves what it served before.',
    },
    STAGING_HAS_PRODUCTION_SETTINGS: {
      title: "Files on staging hold production's secrets.",
      next: "Write staging's own database, user and password into the named files; delete caches of settings and what staging does not need; then start again. Nothing was changed.",
    },
    RSYNC_UNSUITABLE: {
      title: 'rsync is missing or too old on a host.',
      next: 'Install rsync 3.1 or later there (Debian: apt-get install rsync).',
    },
    CONTENT_FOLDER_MISSING: {
      title: 'The folder of the site does not exist or the account cannot access it.',
      next: 'Check the path in the site file and the rights of the account.',
    },
    WORK_FOLDER_UNSUITABLE: {
      title: "Staging's work folder cannot hold the files until they are put in place.",
      next: 'Set staging.workDir to a folder on the same filesystem as staging.path, outside of it; or set content.apply to immediate.',
    },
    STAGING_NOT_WRITABLE: {
      title: 'The staging account may not write in some folders of the site.',
      next: 'Give the account write access to these folders (files are replaced by renaming, which needs write access to the folder).',
    },
    VERSION_CONTROL_FOUND: {
      title: 'A server holds a version control folder.',
      next: 'Remove it from the server: anyone who can read it over HTTP can read the whole history of the site.',
    },
  }),
};
