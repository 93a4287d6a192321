-- parents and children in both orders of the alphabet, a circle, a self reference
SET foreign_key_checks = 0;
CREATE TABLE wp_k_a_child (id int PRIMARY KEY, parent int, up int, KEY parent (parent), CONSTRAINT `wp_k fk 1` FOREIGN KEY (parent) REFERENCES wp_k_z_parent (id) ON DELETE CASCADE ON UPDATE CASCADE, CONSTRAINT wp_k_fk_self FOREIGN KEY (up) REFERENCES wp_k_a_child (id) ON DELETE SET NULL);
CREATE TABLE wp_k_z_parent (id int PRIMARY KEY, favourite int, CONSTRAINT wp_k_fk2 FOREIGN KEY (favourite) REFERENCES wp_k_a_child (id));
INSERT INTO wp_k_z_parent VALUES (1, 2), (2, NULL);
INSERT INTO wp_k_a_child VALUES (1, 1, 2), (2, 2, NULL), (3, NULL, 3);
