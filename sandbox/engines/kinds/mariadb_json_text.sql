-- made on: mariadb
-- JSON is text here: what another server would write in another way stays byte for byte
CREATE TABLE wp_k_json_text (id int PRIMARY KEY, j json);
INSERT INTO wp_k_json_text VALUES (1, '{ "b":1,"a" : 1.0e2, "b":2 }');
