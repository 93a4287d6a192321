-- a point of the world: latitude and longitude
CREATE TABLE wp_k_spatial_srid (id int PRIMARY KEY, p point NOT NULL);
INSERT INTO wp_k_spatial_srid VALUES (1, ST_GeomFromText('POINT(48.1 11.5)', 4326));
