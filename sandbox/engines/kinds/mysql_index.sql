-- made on: mysql
CREATE TABLE wp_k_hidden_index (id int PRIMARY KEY, t varchar(20), KEY t (t) INVISIBLE, KEY d (t DESC));
INSERT INTO wp_k_hidden_index VALUES (1, 'x');
