-- made on: mysql
-- held by: mysql
CREATE TABLE wp_k_functional (id int PRIMARY KEY, t varchar(20), j json, KEY f ((lower(t))), KEY m ((CAST(j->'$.ids' AS unsigned ARRAY))));
INSERT INTO wp_k_functional VALUES (1, 'ABC', '{"ids": [1, 2]}');
