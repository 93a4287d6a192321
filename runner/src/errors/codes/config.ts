import { errors, notes } from '../catalogue-entry.js';
import { EXIT } from '../exit-codes.js';

export const configCodes = {
  ...errors(EXIT.usage, {
    CONFIG_INVALID: {
      title: 'A site file cannot be used as it is.',
      next: 'Correct the lines named above; docs/site-file.md explains every key.',
    },
    SITE_UNKNOWN: {
      title: 'There is no site of this name.',
      next: 'Give the name of a file in the sites folder, without .yaml.',
    },
    SITES_FOLDER_MISSING: {
      title: 'The folder of site files cannot be read.',
      next: 'Check the path of the sites folder; each site is a file <name>.yaml in it.',
    },
    SITES_FOLDER_EMPTY: {
      title: 'There is no site file.',
      next: 'Write one as <name>.yaml into the folder (docs/site-file.md explains every key), or name the folder that has them: understudy --sites <folder> validate',
    },
    USAGE: {
      title: 'The command line is invalid.',
      next: 'Run understudy help.',
    },
  }),
  ...errors(EXIT.preflight, {
    SECRET_UNAVAILABLE: {
      title: 'A secret referenced by the site file could not be read.',
      next: 'Check the reference in the site file, and that the secret exists at its source.',
    },
    WP_CONFIG_UNREADABLE: {
      title: 'The wp-config.php of a side cannot be read.',
      next: 'Check the path in the site file and that the account may read wp-config.php; or name the database in the site file.',
    },
    WP_CONFIG_INCOMPLETE: {
      title: 'The wp-config.php of a side lacks a required value.',
      next: 'Write the missing values into the database section of that side in the site file.',
    },
  }),
  ...notes({
    WP_CONFIG_RUN_BY_PHP: {
      title: 'A wp-config.php was run by PHP, because its text alone was not enough.',
      next: 'Nothing; it ran in isolation. Plain values in wp-config.php or in the site file make this unnecessary.',
    },
  }),
};
