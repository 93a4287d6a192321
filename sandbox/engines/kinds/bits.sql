CREATE TABLE wp_k_bits (id int PRIMARY KEY, one bit(1) NOT NULL DEFAULT b'0', eight bit(8), all64 bit(64) DEFAULT b'101', KEY eight (eight));
INSERT INTO wp_k_bits VALUES (1, b'0', b'0', 0xffffffffffffffff), (2, b'1', 0x27, 0x2700000000000027), (3, b'1', 0x5c, 0x5c0a0d001a222760), (4, b'0', NULL, 0x3031);
