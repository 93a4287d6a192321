-- views, triggers, routines, events; names with the schema's in them
CREATE TABLE wp_k_counted (id int PRIMARY KEY, n int NOT NULL);
CREATE TABLE wp_k_log (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, what varchar(50));
INSERT INTO wp_k_counted VALUES (1, 1), (2, 2);
DELIMITER ;;
CREATE FUNCTION wp_k_twice(n int) RETURNS int DETERMINISTIC NO SQL RETURN n * 2;;
CREATE PROCEDURE wp_k_report(IN wanted int) BEGIN SELECT COUNT(*) FROM {schema}.wp_k_counted WHERE n = wanted; END;;
CREATE TRIGGER wp_k_counts AFTER INSERT ON wp_k_counted FOR EACH ROW BEGIN INSERT INTO {schema}.wp_k_log (what) VALUES (CONCAT('row ', NEW.id)); END;;
CREATE EVENT wp_k_beat ON SCHEDULE EVERY 1 HOUR DO INSERT INTO wp_k_log (what) VALUES ('beat');;
DELIMITER ;
CREATE VIEW wp_k_b_view AS SELECT id, wp_k_twice(n) AS doubled FROM {schema}.wp_k_counted;
CREATE VIEW wp_k_a_view AS SELECT COUNT(*) AS counted, SUM(doubled) AS total FROM {schema}.wp_k_b_view;
