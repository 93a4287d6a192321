-- made on: mariadb 10.7
-- held by: mariadb 10.7
CREATE TABLE wp_k_uuid (id uuid NOT NULL DEFAULT uuid() PRIMARY KEY, other uuid, t varchar(20));
INSERT INTO wp_k_uuid VALUES ('123e4567-e89b-12d3-a456-426655440000', '61626364-6566-6768-696a-6b6c6d6e6f70', 'a'), ('00000000-0000-0000-0000-000000000000', NULL, 'b'), ('ffffffff-ffff-4fff-bfff-ffffffffffff', '27272727-2727-2727-2727-5c5c5c5c5c5c', 'c');
