-- made on: mysql
SET SESSION sql_generate_invisible_primary_key = ON;
CREATE TABLE wp_k_generated_key (t varchar(20));
INSERT INTO wp_k_generated_key VALUES ('a'), ('b'), ('c');
DELETE FROM wp_k_generated_key WHERE t = 'b';
SET SESSION sql_generate_invisible_primary_key = OFF;
