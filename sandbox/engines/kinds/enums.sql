-- the error value of an ENUM, members with quotes, an empty member, a SET of 64
SET NAMES utf8mb4, sql_mode = '';
CREATE TABLE wp_k_enums (id int PRIMARY KEY, e enum('a','b','it''s','x,y','ü') DEFAULT 'a', blank enum('','full') NOT NULL, s set('one','two','three') DEFAULT 'one,two', l enum('ä','ö') CHARACTER SET latin1);
INSERT INTO wp_k_enums VALUES (1, 'a', '', '', 'ä'), (2, 'not a member', 'neither', 'one,three', 'ö'), (3, 'it''s', 'full', 'one,two,three', NULL), (4, 'ü', '', 'two', 'nothing');
