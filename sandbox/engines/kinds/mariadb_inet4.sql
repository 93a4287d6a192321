-- made on: mariadb 10.10
-- held by: mariadb 10.10
CREATE TABLE wp_k_inet4 (id int PRIMARY KEY, a inet4 NOT NULL, KEY a (a));
INSERT INTO wp_k_inet4 VALUES (1, '192.0.2.1'), (2, '48.49.50.51');
