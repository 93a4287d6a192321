import { cp, mkdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type MariaDbServer } from '../servers/mariadb.js';
import { type Account } from './accounts.js';
import { phpString } from './php.js';

const sources = path.join(path.dirname(fileURLToPath(import.meta.url)), '../shop');

export interface ShopSite {
  readonly root: string;
  readonly title: string;
  readonly version: string;
  readonly server: MariaDbServer;
  readonly database: string;
  readonly account: Account;
  readonly products: number;
}

/** A site that is not WordPress: one page made from two tables. */
export async function installShop(site: ShopSite): Promise<void> {
  await mkdir(site.root, { recursive: true });
  await cp(sources, site.root, { recursive: true });
  await writeFile(path.join(site.root, 'version.php'), `<?php echo ${phpString(`code ${site.version}`)};\n`);
  // Files of the same size that were written in the same second are the same to rsync.
  const written = new Date(site.version === 'old' ? '2023-05-01' : '2024-05-01');
  await utimes(path.join(site.root, 'version.php'), written, written);
  const { account } = site;
  const config = [
    `'title' => ${phpString(site.title)}`,
    `'host' => '127.0.0.1', 'port' => ${site.server.port}`,
    `'name' => ${phpString(site.database)}`,
    `'user' => ${phpString(account.user)}, 'password' => ${phpString(account.password)}`,
  ];
  await writeFile(path.join(site.root, 'config.php'), `<?php\nreturn [${config.join(',\n  ')}];\n`);
  await site.server.query(
    `CREATE TABLE customers (id int NOT NULL PRIMARY KEY, email varchar(200) NOT NULL) ENGINE=InnoDB;
     CREATE TABLE products (id int NOT NULL PRIMARY KEY, name varchar(100) NOT NULL, price decimal(8,2) NOT NULL,
       customer int, CONSTRAINT bought FOREIGN KEY (customer) REFERENCES customers (id)) ENGINE=InnoDB;
     INSERT INTO customers SELECT seq, CONCAT('customer', seq, '@people.example') FROM seq_1_to_20;
     INSERT INTO products SELECT seq, CONCAT(${phpString(site.version)}, ' product ', seq), seq * 1.5,
       1 + seq % 20 FROM seq_1_to_${site.products};`,
    site.database,
  );
}
