-- made on: mariadb
-- held by: mariadb
CREATE TABLE wp_k_aria (id int PRIMARY KEY, t text) ENGINE=Aria TRANSACTIONAL=1;
INSERT INTO wp_k_aria VALUES (1, 'x');
