-- what others make their rows from
CREATE TABLE wp_k_bytes (n int);
INSERT INTO wp_k_bytes VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9),(10),(11),(12),(13),(14),(15);
