import { UnderstudyError } from '../../errors/index.js';

/** The account's login shell ended without starting our command. `said`: what it printed. */
export function shellRefused(label: string, said: string, code: number): UnderstudyError {
  const nologin = /not available|nologin|no login/i.test(said);
  return new UnderstudyError(
    'LOGIN_SHELL_REFUSED',
    nologin
      ? `The account of ${label} has no login shell; it says: “${said}”.`
      : `The login shell of ${label} started nothing and ended with exit code ${String(code)}; ${said === '' ? 'it printed nothing' : `it printed: “${said}”`}.`,
    {
      host: label,
      next: nologin
        ? 'Give the account a shell (usermod --shell /bin/sh ACCOUNT), or name another account under ssh.'
        : 'Log in by hand and look at what the shell’s start files do (~/.bashrc, ~/.cshrc, config.fish), at ForceCommand in sshd_config and at command="…" in authorized_keys.',
    },
  );
}
