SET sql_mode = '';
CREATE TABLE wp_k_generated (id int PRIMARY KEY, price decimal(10,2) NOT NULL, quantity int NOT NULL, total decimal(20,2) AS (price * quantity) STORED, half decimal(20,4) AS (price / 2) VIRTUAL, note varchar(50), short varchar(5) AS (left(note, 5)) VIRTUAL, longer text AS (concat(note, '''', '\\', '"')) STORED, after_all varchar(20), KEY total (total), KEY half (half));
INSERT INTO wp_k_generated (id, price, quantity, note, after_all) VALUES (1, 9.99, 3, 'first', 'last'), (2, 0, 0, NULL, NULL), (3, 1.01, 1000, 'it''s a \\ "note"', 'x');
