-- a URL as primary key, children that point to it
CREATE TABLE wp_k_url_parent (url varchar(190) CHARACTER SET ascii NOT NULL PRIMARY KEY, hits int);
CREATE TABLE wp_k_url_child (id int PRIMARY KEY, page varchar(190) CHARACTER SET ascii NOT NULL, CONSTRAINT wp_k_url_fk FOREIGN KEY (page) REFERENCES wp_k_url_parent (url));
INSERT INTO wp_k_url_parent VALUES ('https://elsewhere.example/a', 1), ('https://elsewhere.example/b', 2);
INSERT INTO wp_k_url_child VALUES (1, 'https://elsewhere.example/a'), (2, 'https://elsewhere.example/b');
