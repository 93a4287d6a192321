/** Tables beside WordPress' own, with everything that a dump can trip over. Made before the rows. */
export const extraTables = (prefix: string): string => `
CREATE TABLE ${prefix}wc_orders (
  id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, status varchar(20) NOT NULL, currency char(3) NOT NULL,
  total_amount decimal(26,8) NOT NULL, tax decimal(26,8) AS (total_amount * 0.19) STORED,
  billing_email varchar(320), customer_note text, date_created_gmt datetime NOT NULL,
  KEY status (status, date_created_gmt)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE ${prefix}wc_order_items (
  id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, order_id bigint unsigned NOT NULL, name text NOT NULL,
  quantity int NOT NULL, price decimal(10,2) NOT NULL, total decimal(12,2) AS (quantity * price) VIRTUAL,
  CONSTRAINT ${prefix}items_order FOREIGN KEY (order_id) REFERENCES ${prefix}wc_orders (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE ${prefix}acme_log (
  logged datetime NOT NULL, level tinyint NOT NULL, message text NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE ${prefix}acme_visits (
  id int unsigned NOT NULL PRIMARY KEY, path varchar(200) NOT NULL, agent varchar(120) NOT NULL, KEY path (path)
) ENGINE=MyISAM DEFAULT CHARSET=utf8mb4;
CREATE TABLE ${prefix}acme_files (
  id int unsigned NOT NULL PRIMARY KEY, body longblob NOT NULL, digest binary(16) NOT NULL, place point DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE \`${prefix}acme odd-"name\`\`\` (
  \`key\` varchar(20) NOT NULL, \`order\` int NOT NULL, \`select list\` text, PRIMARY KEY (\`key\`, \`order\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE ${prefix}acme_counters (
  name varchar(40) NOT NULL PRIMARY KEY, value bigint NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO ${prefix}acme_counters VALUES ('orders', 0), ('beats', 0);
`;

/** Views, a trigger, a procedure, a function and an event, owned by the application's account. Made after the rows. */
export const extraObjects = (prefix: string, database: string, owner: string): string => `
CREATE DEFINER='${owner}'@'%' VIEW ${prefix}acme_latest AS
  SELECT ID, post_title FROM ${prefix}posts WHERE post_status = 'publish' ORDER BY ID DESC LIMIT 10;
CREATE DEFINER='${owner}'@'%' VIEW ${prefix}acme_summary AS
  SELECT COUNT(*) AS latest FROM \`${database}\`.${prefix}acme_latest;
DELIMITER ;;
CREATE DEFINER='${owner}'@'%' TRIGGER ${prefix}acme_count_orders AFTER INSERT ON ${prefix}wc_orders FOR EACH ROW
BEGIN
  UPDATE ${prefix}acme_counters SET value = value + 1 WHERE name = 'orders'; -- a comment; with a semicolon
END;;
CREATE DEFINER='${owner}'@'%' PROCEDURE ${prefix}acme_report(IN wanted varchar(20))
BEGIN
  SELECT COUNT(*) FROM ${prefix}wc_orders WHERE status = wanted;
END;;
CREATE DEFINER='${owner}'@'%' FUNCTION ${prefix}acme_twice(number int) RETURNS int DETERMINISTIC NO SQL RETURN number * 2;;
CREATE DEFINER='${owner}'@'%' EVENT ${prefix}acme_beat ON SCHEDULE EVERY 1 SECOND DO
  UPDATE ${prefix}acme_counters SET value = value + 1 WHERE name = 'beats';;
DELIMITER ;
`;
