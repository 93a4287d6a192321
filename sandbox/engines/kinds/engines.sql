CREATE TABLE wp_k_myisam (id int NOT NULL AUTO_INCREMENT, t text, v varchar(100) DEFAULT NULL, PRIMARY KEY (id), FULLTEXT KEY t (t)) ENGINE=MyISAM ROW_FORMAT=DYNAMIC DELAY_KEY_WRITE=1;
INSERT INTO wp_k_myisam VALUES (1, 'x', 'y'), (3, NULL, NULL);
CREATE TABLE wp_k_memory (id int PRIMARY KEY, t varchar(20)) ENGINE=MEMORY;
INSERT INTO wp_k_memory VALUES (1, 'x');
CREATE TABLE wp_k_csv (id int NOT NULL, t varchar(200) NOT NULL) ENGINE=CSV;
INSERT INTO wp_k_csv VALUES (1, 'a "quoted", text'), (2, 'x');
