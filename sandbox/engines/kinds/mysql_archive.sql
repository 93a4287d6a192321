-- made on: mysql
-- held by: mysql
CREATE TABLE wp_k_archive (id int NOT NULL AUTO_INCREMENT, t text, PRIMARY KEY (id)) ENGINE=ARCHIVE;
INSERT INTO wp_k_archive VALUES (1, 'old');
CREATE TABLE wp_k_blackhole (id int) ENGINE=BLACKHOLE;
