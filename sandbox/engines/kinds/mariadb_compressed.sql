-- made on: mariadb
CREATE TABLE wp_k_compressed (id int PRIMARY KEY, t text COMPRESSED, b longblob COMPRESSED);
INSERT INTO wp_k_compressed VALUES (1, REPEAT('a', 5000), REPEAT('b', 5000)), (2, 'short', NULL);
CREATE TABLE wp_k_page (id int PRIMARY KEY, t text) PAGE_COMPRESSED=1;
INSERT INTO wp_k_page VALUES (1, REPEAT('a', 5000));
