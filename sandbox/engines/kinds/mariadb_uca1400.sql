-- made on: mariadb 10.10
SET NAMES utf8mb4, sql_mode = '';
CREATE TABLE wp_k_uca1400 (id int PRIMARY KEY, t varchar(20) COLLATE utf8mb4_uca1400_ai_ci, n varchar(20) COLLATE utf8mb4_uca1400_nopad_as_cs, UNIQUE KEY t (t), UNIQUE KEY n (n));
INSERT INTO wp_k_uca1400 VALUES (1, 'a', 'a'), (2, 'b', 'a '), (3, 'c', 'A');
