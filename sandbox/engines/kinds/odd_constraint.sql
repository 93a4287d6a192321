-- made on: mariadb 10.6, mysql
-- held by: mariadb 10.6, mysql
-- MariaDB 10.5 writes the backquote of such a name as it is: nothing can import that
CREATE TABLE wp_k_odd_parent (id int PRIMARY KEY);
CREATE TABLE wp_k_odd_child (id int PRIMARY KEY, parent int, CONSTRAINT `wp_k odd``fk` FOREIGN KEY (parent) REFERENCES wp_k_odd_parent (id));
INSERT INTO wp_k_odd_parent VALUES (1);
INSERT INTO wp_k_odd_child VALUES (1, 1);
