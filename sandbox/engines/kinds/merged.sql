-- MERGE is a view of its members: its rows are theirs
CREATE TABLE wp_k_merge_1 (id int NOT NULL, t varchar(20), KEY id (id)) ENGINE=MyISAM;
CREATE TABLE wp_k_merge_2 (id int NOT NULL, t varchar(20), KEY id (id)) ENGINE=MyISAM;
CREATE TABLE wp_k_merge (id int NOT NULL, t varchar(20), KEY id (id)) ENGINE=MERGE UNION=(wp_k_merge_1, wp_k_merge_2) INSERT_METHOD=LAST;
INSERT INTO wp_k_merge_1 VALUES (1, 'one');
INSERT INTO wp_k_merge_2 VALUES (2, 'two'), (3, 'three');
