-- made while innodb_strict_mode was off
SET SESSION innodb_strict_mode = OFF, sql_mode = '';
CREATE TABLE wp_k_fixed (id int PRIMARY KEY, t varchar(20)) ENGINE=InnoDB ROW_FORMAT=FIXED;
INSERT INTO wp_k_fixed VALUES (1, 'x');
CREATE TABLE wp_k_block (id int PRIMARY KEY, t varchar(20)) ENGINE=InnoDB ROW_FORMAT=DYNAMIC KEY_BLOCK_SIZE=8;
INSERT INTO wp_k_block VALUES (1, 'x');
