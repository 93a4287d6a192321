-- made on: mariadb 10.5
-- held by: mariadb 10.5
CREATE TABLE wp_k_inet6 (id int PRIMARY KEY, a inet6, KEY a (a));
INSERT INTO wp_k_inet6 VALUES (1, '::1'), (2, '2001:db8::ff00:42:8329'), (3, NULL), (4, '::ffff:192.0.2.128');
