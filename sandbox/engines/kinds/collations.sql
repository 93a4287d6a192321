-- trailing blanks are part of a key or are not; case and accents too
SET sql_mode = '';
CREATE TABLE wp_k_collations (g varchar(20) COLLATE utf8mb4_general_ci, u varchar(20) COLLATE utf8mb4_unicode_ci, u5 varchar(20) COLLATE utf8mb4_unicode_520_ci, b varchar(20) COLLATE utf8mb4_bin, sw varchar(20) COLLATE utf8mb4_swedish_ci, UNIQUE KEY g (g), UNIQUE KEY b (b));
INSERT INTO wp_k_collations VALUES ('a', 'a', 'a', 'a', 'a'), ('b ', 'b ', 'b ', 'b ', 'b '), ('ß', 'ß', 'ß', 'ß', 'ß'), ('𝄞', '𝄞', '𝄞', '𝄞', '𝄞');
