/**
 * The programs for a database server, best first: each vendor's own know its types and its ways best, and MySQL's
 * cannot dump a MariaDB's sequences. Chosen by the server, here and nowhere else.
 */
export const clientPrograms = (
  isMariaDb: boolean,
): { readonly dump: readonly string[]; readonly client: readonly string[] } =>
  isMariaDb
    ? { dump: ['mariadb-dump', 'mysqldump'], client: ['mariadb', 'mysql'] }
    : { dump: ['mysqldump', 'mariadb-dump'], client: ['mysql', 'mariadb'] };
