-- made on: mariadb
-- held by: mariadb
-- warned of: wp_k_versioned on mariadb
CREATE TABLE wp_k_versioned (id int PRIMARY KEY, t varchar(20)) WITH SYSTEM VERSIONING;
SET timestamp = 1700000000;
INSERT INTO wp_k_versioned VALUES (1, 'old'), (2, 'gone');
SET timestamp = 1700000100;
UPDATE wp_k_versioned SET t = 'new' WHERE id = 1;
SET timestamp = 1700000200;
DELETE FROM wp_k_versioned WHERE id = 2;
SET timestamp = DEFAULT;
