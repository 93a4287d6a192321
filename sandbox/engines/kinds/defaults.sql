SET NAMES utf8mb4;
CREATE TABLE wp_k_defaults (id int PRIMARY KEY, a varchar(50) DEFAULT 'it''s \\ "x"', b varchar(50) DEFAULT (concat('a', 'b')), c int DEFAULT (1 + 2), d text DEFAULT ('ü'), n varchar(5) DEFAULT NULL, e datetime DEFAULT CURRENT_TIMESTAMP);
INSERT INTO wp_k_defaults VALUES (1, 'a', 'b', 3, 'd', NULL, '2026-01-01 00:00:00');
