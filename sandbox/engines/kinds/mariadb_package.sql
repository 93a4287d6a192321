-- made on: mariadb
-- held by: mariadb
-- dumped by: mariadb
SET sql_mode = 'ORACLE';
DELIMITER ;;
CREATE PACKAGE wp_k_package AS FUNCTION one() RETURN int; PROCEDURE two(n int); END;;
CREATE PACKAGE BODY wp_k_package AS FUNCTION one() RETURN int AS BEGIN RETURN 1; END; PROCEDURE two(n int) AS BEGIN SELECT n; END; END;;
DELIMITER ;
SET sql_mode = '';
