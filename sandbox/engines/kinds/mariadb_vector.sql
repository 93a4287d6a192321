-- made on: mariadb 11.7
-- held by: mariadb 11.7
CREATE TABLE wp_k_vector (id int PRIMARY KEY, v vector(3) NOT NULL, VECTOR INDEX (v));
INSERT INTO wp_k_vector VALUES (1, VEC_FromText('[0.1,0.2,0.3]')), (2, VEC_FromText('[-1,1e10,0]'));
