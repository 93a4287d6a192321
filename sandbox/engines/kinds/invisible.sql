-- made on: mariadb, mysql
CREATE TABLE wp_k_invisible (id int PRIMARY KEY, t varchar(20), hidden varchar(20) DEFAULT 'x' INVISIBLE, last int);
INSERT INTO wp_k_invisible (id, t, hidden, last) VALUES (1, 'a', 'secret', 2), (2, 'b', NULL, 3);
