-- made on: mariadb
-- held by: mariadb
-- a function that MySQL 9.7 does not have
CREATE TABLE wp_k_digested (id int PRIMARY KEY, t varchar(20));
INSERT INTO wp_k_digested VALUES (1, 'x');
CREATE VIEW wp_k_md5_view AS SELECT id, MD5(t) AS digest FROM wp_k_digested;
