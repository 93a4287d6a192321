-- no key at all, the same row twice
CREATE TABLE wp_k_no_keys (logged datetime NOT NULL, message text);
INSERT INTO wp_k_no_keys VALUES ('2026-01-01 00:00:00', 'same'), ('2026-01-01 00:00:00', 'same'), ('2026-01-01 00:00:00', NULL);
CREATE TABLE wp_k_empty (id int);
