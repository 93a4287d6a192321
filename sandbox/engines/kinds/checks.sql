CREATE TABLE wp_k_checks (id int PRIMARY KEY, n int, CONSTRAINT wp_k_positive CHECK (n > 0), CONSTRAINT wp_k_small CHECK (n < 100 AND n <> 13));
INSERT INTO wp_k_checks VALUES (1, 5), (2, NULL);
