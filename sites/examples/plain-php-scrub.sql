-- Runs in the new staging database before it is activated.
DELETE FROM sessions;
UPDATE settings SET value = 'test' WHERE name = 'payment_mode';
