-- made on: mysql
-- warned of: wp_k_srid on mariadb
CREATE TABLE wp_k_srid (id int PRIMARY KEY, p point NOT NULL SRID 4326, SPATIAL KEY p (p));
INSERT INTO wp_k_srid VALUES (1, ST_GeomFromText('POINT(48.1 11.5)', 4326));
