-- made on: mariadb 10.6
CREATE TABLE wp_k_ignored (id int PRIMARY KEY, t varchar(20), KEY t (t) IGNORED);
INSERT INTO wp_k_ignored VALUES (1, 'x');
