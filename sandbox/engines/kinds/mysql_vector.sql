-- made on: mysql 9.0
-- held by: mysql 9.0, mariadb 11.7
-- dumped by: mysql
CREATE TABLE wp_k_vector9 (id int PRIMARY KEY, v vector(3));
INSERT INTO wp_k_vector9 VALUES (1, STRING_TO_VECTOR('[0.1,0.2,0.3]')), (2, NULL);
