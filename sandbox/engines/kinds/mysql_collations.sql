-- made on: mysql
SET NAMES utf8mb4, sql_mode = '';
CREATE TABLE wp_k_0900 (id int PRIMARY KEY, t varchar(20) COLLATE utf8mb4_0900_ai_ci, s varchar(20) COLLATE utf8mb4_0900_as_cs, b varchar(20) COLLATE utf8mb4_0900_bin, UNIQUE KEY t (t), UNIQUE KEY s (s), UNIQUE KEY b (b)) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci;
INSERT INTO wp_k_0900 VALUES (1, 'a', 'a', 'a'), (2, 'a ', 'a ', 'a '), (3, 'b', 'A', 'A');
