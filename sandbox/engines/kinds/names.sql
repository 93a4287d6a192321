SET NAMES utf8mb4;
CREATE TABLE `wp_k odd "name'``.%` (`order` int PRIMARY KEY, `with``tick` int, `sp ace` text, `ünïcödé` varchar(5), `select` int DEFAULT 5) COMMENT = 'ünï';
INSERT INTO `wp_k odd "name'``.%` VALUES (1, 2, 'x', 'ü', 4);
CREATE TABLE `wp_k_ünï` (id int PRIMARY KEY);
INSERT INTO `wp_k_ünï` VALUES (1);
CREATE TABLE `wp_k_(paren` (id int PRIMARY KEY, t text);
INSERT INTO `wp_k_(paren` VALUES (1, '(');
