-- more than 1 MB of rows, a default that MySQL's own mode refuses, keys that are made afterwards
SET sql_mode = '';
CREATE TABLE wp_k_large (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, made datetime NOT NULL DEFAULT '0000-00-00 00:00:00', name varchar(100) NOT NULL DEFAULT '', body text, KEY made (made), KEY name (name, made));
INSERT INTO wp_k_large (made, name, body) SELECT '0000-00-00', CONCAT('name ', a.n, b.n, c.n), REPEAT(CHAR(97 + a.n USING utf8mb4), 500) FROM wp_k_bytes a, wp_k_bytes b, wp_k_bytes c;
