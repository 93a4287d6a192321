-- held by: mariadb
-- 220 columns, made while innodb_strict_mode was off; MySQL lets only an administrator switch it off
SET SESSION innodb_strict_mode = OFF, sql_mode = '';
SET @columns = '';
SET SESSION group_concat_max_len = 100000;
SELECT GROUP_CONCAT(CONCAT('c', a.n * 16 + b.n, ' varchar(64)') SEPARATOR ', ') INTO @columns FROM wp_k_bytes a, wp_k_bytes b WHERE a.n * 16 + b.n < 220;
SET @sql = CONCAT('CREATE TABLE wp_k_wide (id int PRIMARY KEY, ', @columns, ') CHARACTER SET utf8mb4');
PREPARE wide FROM @sql;
EXECUTE wide;
INSERT INTO wp_k_wide (id, c0, c219) VALUES (1, 'first', 'last');
