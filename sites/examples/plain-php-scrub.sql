-- Runs in the new staging database before it goes live.
DELETE FROM sessions;
UPDATE settings SET value = 'test' WHERE name = 'payment_mode';
