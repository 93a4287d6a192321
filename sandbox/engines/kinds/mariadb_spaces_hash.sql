-- made on: mariadb
-- held by: mariadb
-- a unique key longer than an index may be
CREATE TABLE wp_k_long_unique (id int PRIMARY KEY, t text, UNIQUE KEY t (t) USING HASH);
INSERT INTO wp_k_long_unique VALUES (1, REPEAT('x', 5000)), (2, REPEAT('y', 5000));
