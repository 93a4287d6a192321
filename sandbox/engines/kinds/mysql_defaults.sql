-- made on: mysql
-- held by: mysql
CREATE TABLE wp_k_uuid_default (id binary(16) NOT NULL DEFAULT (uuid_to_bin(uuid())) PRIMARY KEY, t varchar(20), j json DEFAULT (json_array(1)));
INSERT INTO wp_k_uuid_default VALUES (0x000102030405060708090a0b0c0d0e0f, 'x', '[]');
