import { errors, notes } from '../catalogue-entry.js';
import { EXIT } from '../exit-codes.js';

export const hostCodes = {
  ...errors(EXIT.preflight, {
    HOST_UNREACHABLE: {
      title: 'A host cannot be reached.',
      next: 'Check name, port, firewall and the bastion in the site file; then run understudy doctor <site>.',
    },
    HOST_KEY_UNKNOWN: {
      title: 'The host key is unknown.',
      next: "Compare the fingerprint with the one on the host's own console, then add it to the site file.",
    },
    HOST_KEY_CHANGED: {
      title: 'The host key is not the expected one.',
      next: 'First find out why the key changed; the connection may be intercepted.',
    },
    LOGIN_SHELL_REFUSED: {
      title: "The login shell of an account does not run Understudy's commands.",
      next: 'Give the account a login shell, or remove what prevents it from running commands.',
    },
    HOST_AUTH_FAILED: {
      title: "A host refused the runner's login.",
      next: 'Check ssh.user and ssh.key in the site file, and that the public key is in ~/.ssh/authorized_keys of that account.',
    },
    FORWARDING_REFUSED: {
      title: 'A host refuses a required SSH forwarding.',
      next: 'Add the line above to sshd_config on that host and reload sshd.',
    },
    ROUTE_REFUSED: {
      title: 'One host cannot send files to the other.',
      next: 'Change what is named above and run understudy doctor <site>.',
    },
    STAGING_IS_PRODUCTION: {
      title: 'Staging shares files with production.',
      next: 'Give staging files of its own; nothing was changed.',
    },
    LIVE_GUARD_UNANSWERED: {
      title: 'Could not determine whether staging and production are separate.',
      next: 'Fix the problem above; nothing is changed until this check can be completed.',
    },
    HOST_DISCOVERY_FAILED: {
      title: 'The hosts of an Auto Scaling group could not be found.',
      next: 'Run the command shown above on the runner; it must print one host per line.',
    },
    SSH_KEY_UNUSABLE: {
      title: 'An SSH key cannot be used.',
      next: 'Check the credential in Jenkins (or the file) and its passphrase.',
    },
  }),
  ...errors(EXIT.stageFailed, {
    COMMAND_FAILED: {
      title: 'A command failed on a host.',
      next: 'Read the last lines above.',
    },
    COMMAND_TIMED_OUT: {
      title: 'A command exceeded its time limit and was stopped.',
      next: 'Find out why it hangs, or raise the limit in the site file.',
    },
    HOST_FILE_REFUSED: {
      title: 'Understudy refused to read a file on a host.',
      next: 'Check the file: it must be a regular file of a plausible size. Remove it and start again.',
    },
    CONNECTION_LOST: {
      title: 'The connection to a host was lost during a command.',
      next: 'Check the network between the runner and the host, then start the build again; it resumes where it can.',
    },
  }),
  ...errors(EXIT.bug, {
    PRODUCTION_WRITE_REFUSED: {
      title: 'A command that would have written to production was refused.',
      next: 'This is a bug: please report it with the command shown above.',
    },
  }),
  ...errors(EXIT.interrupted, {
    INTERRUPTED: {
      title: 'The command was interrupted.',
      next: 'Nothing more was started. Start the build again when you are ready.',
    },
  }),
  ...notes({
    KEY_NOT_CONSTRAINED: {
      title: 'A key that is lent to a host cannot be limited to one target.',
      next: 'Nothing has to be done: the key is lent for the time of a transfer only. OpenSSH 8.9 or later on the runner and the host limits it.',
    },
  }),
};
