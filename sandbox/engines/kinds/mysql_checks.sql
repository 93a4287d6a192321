-- made on: mysql
-- warned of: wp_k_not_enforced on mariadb
CREATE TABLE wp_k_not_enforced (id int PRIMARY KEY, n int, CONSTRAINT wp_k_loose CHECK (n > 0) NOT ENFORCED);
INSERT INTO wp_k_not_enforced VALUES (1, -5);
