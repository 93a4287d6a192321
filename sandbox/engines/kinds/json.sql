SET NAMES utf8mb4, sql_mode = '';
CREATE TABLE wp_k_json (id int PRIMARY KEY, j json, n json NOT NULL);
INSERT INTO wp_k_json VALUES (1, '{"a": 1, "b": [1, 2.5, null, true, "ü 🎭 \\" \\\\ / \\u0000"]}', '[]'), (2, NULL, '"text"'), (3, '{}', '123456789012345678');
