-- made on: mariadb
-- held by: mariadb
-- dumped by: mariadb
-- swapped by: mariadb 10.6
CREATE SEQUENCE wp_k_numbers START WITH 100 INCREMENT BY 10 CACHE 5;
CREATE TABLE wp_k_numbered (id bigint NOT NULL DEFAULT NEXTVAL(wp_k_numbers) PRIMARY KEY, t varchar(20));
INSERT INTO wp_k_numbered (t) VALUES ('a'), ('b');
