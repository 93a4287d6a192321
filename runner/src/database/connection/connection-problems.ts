import { UnderstudyError } from '../../errors/index.js';
import { type ReadingHost } from '../../hosts/host.js';
import { type DatabaseAccess } from './access.js';

const serverName = (access: DatabaseAccess): string =>
  access.server.kind === 'tcp'
    ? `${access.server.host}:${String(access.server.port)}`
    : `socket ${access.server.path}`;

/** What the server's refusals at login mean, by error number: the sentence and what to do. */
const refusals: Readonly<
  Record<number, (access: DatabaseAccess, text: string) => { sentence: string; next: string }>
> = {
  1040: (access) => ({
    sentence: `The server at ${serverName(access)} has no connection left.`,
    next: 'Wait, or raise max_connections on the server.',
  }),
  1044: (access) => ({
    sentence: `The account ${access.user} may not use the database ${access.name}.`,
    next: `Grant it rights on \`${access.name}\`.*, or correct the name of the database.`,
  }),
  1045: (access, text) => ({
    sentence: `The server at ${serverName(access)} refused user ${access.user}: ${text}`,
    next: "Check user and password, and from which host the account may log in (the part after the @). If it is staging's and does not exist yet: understudy prepare <site>",
  }),
  1049: (access) => ({
    sentence: `The server at ${serverName(access)} has no database ${access.name}.`,
    next: "Check the name in wp-config.php or in the site file. If it is staging's and does not exist yet: understudy prepare <site>",
  }),
  1130: (access, text) => ({
    sentence: `The server at ${serverName(access)} refuses connections from this host: ${text}`,
    next: 'Create the account for this host, or connect through the host that it allows (database.ssh).',
  }),
  3159: (access) => ({
    sentence: `The server at ${serverName(access)} requires TLS (require_secure_transport).`,
    next: 'Name the file of the authority that signed its certificate as database.ca in the site file, or give its unix socket as the server.',
  }),
};

/** Turns whatever went wrong while connecting into DATABASE_UNREACHABLE with what to do next. */
export function connectionProblem(
  host: ReadingHost,
  access: DatabaseAccess,
  cause: unknown,
): UnderstudyError {
  if (cause instanceof UnderstudyError && cause.code !== 'HOST_UNREACHABLE') return cause;
  const error = cause as { errno?: number; sqlMessage?: string; message?: string; code?: string };
  const text = error.sqlMessage ?? error.message ?? String(cause);
  const known = refusals[error.errno === 1698 ? 1045 : (error.errno ?? 0)]?.(access, text);
  if (known)
    return new UnderstudyError('DATABASE_UNREACHABLE', known.sentence, {
      host: host.label,
      next: known.next,
      cause,
    });
  return new UnderstudyError(
    'DATABASE_UNREACHABLE',
    `The database server at ${serverName(access)} does not answer: ${text}`,
    {
      host: host.label,
      next:
        access.server.kind === 'tcp'
          ? 'Check that the server runs, its address and port, and that this host may reach it.'
          : 'Check that the server runs and that the path of the socket is right.',
      cause,
    },
  );
}
