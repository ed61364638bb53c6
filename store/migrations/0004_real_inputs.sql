-- A shared secret with which the provider may sign requests in place of the token.
ALTER TABLE lines ADD COLUMN signing_key TEXT NOT NULL DEFAULT ''; -- sealed, or empty: there is none
-- The last request signed with a shared key that was refused.
ALTER TABLE lines ADD COLUMN refused TEXT NOT NULL DEFAULT '';     -- the code of its reason, or empty
ALTER TABLE lines ADD COLUMN refused_at BIGINT NOT NULL DEFAULT 0;
-- What else a person is needed for, besides the first reason: JSON.
ALTER TABLE escalations ADD COLUMN later TEXT NOT NULL DEFAULT '[]';

-- The agent who answered last; empty: none has.
ALTER TABLE escalations ADD COLUMN agent TEXT NOT NULL DEFAULT '';
ALTER TABLE escalations ADD COLUMN agent_name TEXT NOT NULL DEFAULT '';
UPDATE escalations SET
	agent = COALESCE((SELECT e.author FROM entries e WHERE e.conversation = escalations.conversation AND e.seq >= escalations.first
		AND e.role = 'agent' AND (e.way = 'out' OR e.event = 'replied_by_mail') ORDER BY e.seq DESC LIMIT 1), ''),
	agent_name = COALESCE((SELECT e.author_name FROM entries e WHERE e.conversation = escalations.conversation AND e.seq >= escalations.first
		AND e.role = 'agent' AND (e.way = 'out' OR e.event = 'replied_by_mail') ORDER BY e.seq DESC LIMIT 1), '')
WHERE ended_at = 0;
-- Why a session was ended, as a sentence for its person; empty: the person signed
-- out.
ALTER TABLE sessions ADD COLUMN ended_for TEXT NOT NULL DEFAULT '';
-- The entries that an escalation handed over belong to its ticket also after its end.
CREATE INDEX escalations_conversation ON escalations (conversation, ended_at);
-- The list row that last named a shopper.
ALTER TABLE shoppers ADD COLUMN list TEXT NOT NULL DEFAULT '';
ALTER TABLE shoppers ADD COLUMN list_line BIGINT NOT NULL DEFAULT 0; -- its line in the file
ALTER TABLE shoppers ADD COLUMN list_rank BIGINT NOT NULL DEFAULT 0; -- how surely the phone is this person's own

-- The first entry that can be of the person who has the phone now.
ALTER TABLE conversations ADD COLUMN owned_from BIGINT NOT NULL DEFAULT 0;

-- One notation for each phone. These are the rules of chat.Phone.Canonical.
CREATE TABLE renamed AS
SELECT id, shop, phone, CASE
	WHEN phone LIKE '+521%' AND LENGTH(phone) = 14 AND SUBSTR(phone, 5, 1) <> '0' THEN '+52' || SUBSTR(phone, 5)
	WHEN phone LIKE '+54%' AND LENGTH(phone) = 13 AND SUBSTR(phone, 4, 1) IN ('1', '2', '3') THEN '+549' || SUBSTR(phone, 4)
	WHEN phone LIKE '+55%' AND LENGTH(phone) = 13 AND SUBSTR(phone, 6, 1) IN ('6', '7', '8', '9') THEN SUBSTR(phone, 1, 5) || '9' || SUBSTR(phone, 6)
	ELSE phone END AS canonical
FROM shoppers;
DELETE FROM renamed WHERE phone = canonical;

-- A phone that was stored in both notations becomes one shopper. The row with the
-- canonical notation gets the other one's conversations on lines where it has none,
-- and the fields that it lacks. Where both have a conversation on one line, that of
-- the old notation stays as history, and its opt-out is copied.
CREATE TABLE merged AS
SELECT r.id AS former, p.id AS kept FROM renamed r JOIN shoppers p ON p.shop = r.shop AND p.phone = r.canonical;
UPDATE conversations SET opted_out = 1 WHERE opted_out = 0 AND shopper IN (SELECT m.kept FROM merged m) AND EXISTS (
	SELECT 1 FROM merged m JOIN conversations o ON o.shopper = m.former
	WHERE m.kept = conversations.shopper AND o.line = conversations.line AND o.opted_out = 1
);
UPDATE conversations SET shopper = (SELECT m.kept FROM merged m WHERE m.former = conversations.shopper)
WHERE shopper IN (SELECT m.former FROM merged m) AND NOT EXISTS (
	SELECT 1 FROM merged m JOIN conversations o ON o.shopper = m.kept WHERE m.former = conversations.shopper AND o.line = conversations.line
);
UPDATE shoppers SET purchased = 1 WHERE purchased = 0 AND id IN (SELECT m.kept FROM merged m) AND EXISTS (
	SELECT 1 FROM merged m JOIN shoppers o ON o.id = m.former WHERE m.kept = shoppers.id AND o.purchased = 1
);
UPDATE shoppers SET
	name = (SELECT o.name FROM merged m JOIN shoppers o ON o.id = m.former WHERE m.kept = shoppers.id),
	email = (SELECT o.email FROM merged m JOIN shoppers o ON o.id = m.former WHERE m.kept = shoppers.id),
	customer = (SELECT o.customer FROM merged m JOIN shoppers o ON o.id = m.former WHERE m.kept = shoppers.id)
WHERE name = '' AND email = '' AND id IN (SELECT m.kept FROM merged m);
DELETE FROM shoppers WHERE id IN (SELECT m.former FROM merged m) AND NOT EXISTS (SELECT 1 FROM conversations c WHERE c.shopper = shoppers.id);
UPDATE shoppers SET phone = (SELECT r.canonical FROM renamed r WHERE r.id = shoppers.id)
WHERE id IN (SELECT r.id FROM renamed r) AND id NOT IN (SELECT m.former FROM merged m);
DROP TABLE merged;
DROP TABLE renamed;
