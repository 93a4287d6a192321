import { type ServerAddress } from '../../config/site.js';
import { type Secret } from '../../errors/index.js';
import { type SessionFence } from './session-fence.js';
import { type SessionPool } from './session-pool.js';

/** How to reach one side's database, after the site file and (WordPress) wp-config.php were read. */
export interface DatabaseAccess {
  readonly server: ServerAddress;
  readonly name: string;
  readonly user: string;
  readonly password: Secret;
  /** `DB_CHARSET`: what PHP speaks to the server; serialized lengths count bytes of this. */
  readonly charset: string;
  /** Table prefix, `wp_`; '' for sites that are not WordPress. */
  readonly prefix: string;
  readonly multisite: boolean;
  /** PEM text of the authority that signed the server's certificate: connections over TCP are verified with it. */
  readonly ca?: string;
  /** Container in which the client programs run, on the database's host. */
  readonly container?: string;
  /** Staging's: sessions are let in only while the process that opens them holds the lock of the site. */
  readonly fence?: SessionFence;
  /** Where the logins of closed sessions wait for the next ones; undefined: each session logs in. */
  readonly pool?: SessionPool | undefined;
}
