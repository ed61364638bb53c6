-- What a delivery's kind needs besides the columns: JSON, one struct per kind
-- (chat/payload.go). It replaces entry and body, which meant something else for
-- each kind. A waiting note with a control character other than a tab or a line
-- feed becomes unreadable, and is then listed among what failed.
ALTER TABLE deliveries ADD COLUMN payload TEXT NOT NULL DEFAULT '{}';
UPDATE deliveries SET payload = '{"entry":' || entry || '}' WHERE kind = 'sms';
UPDATE deliveries SET payload = '{"entry":' || entry || ',"media":"' || body || '"}' WHERE kind = 'media';
UPDATE deliveries SET payload = '{"entry":' || entry || ',"name":"' || body || '"}' WHERE kind = 'message';
UPDATE deliveries SET payload = '{"text":"' || REPLACE(REPLACE(REPLACE(REPLACE(body, '\', '\\'), '"', '\"'), '
', '\n'), '	', '\t') || '"}' WHERE kind IN ('code', 'note');
ALTER TABLE deliveries DROP COLUMN entry;
ALTER TABLE deliveries DROP COLUMN body;

-- 1: of the kinds of which one waiting delivery per lane is enough.
ALTER TABLE deliveries ADD COLUMN single INTEGER NOT NULL DEFAULT 0;
UPDATE deliveries SET single = 1 WHERE kind = 'ticket';
DROP INDEX deliveries_sync;
CREATE UNIQUE INDEX deliveries_single ON deliveries (lane) WHERE state = 'ready' AND single = 1;

-- Background work is divided by shard now, not by account and line.
DELETE FROM duties WHERE name LIKE 'account/%' OR name LIKE 'compare/%';
