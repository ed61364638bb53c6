-- What else a person is needed for, besides the first reason: JSON.
ALTER TABLE escalations ADD COLUMN later TEXT NOT NULL DEFAULT '[]';

-- The agent who answered last; empty before anyone has.
ALTER TABLE escalations ADD COLUMN agent TEXT NOT NULL DEFAULT '';
ALTER TABLE escalations ADD COLUMN agent_name TEXT NOT NULL DEFAULT '';
UPDATE escalations SET
	agent = COALESCE((SELECT e.author FROM entries e WHERE e.conversation = escalations.conversation AND e.seq >= escalations.first
		AND e.role = 'agent' AND (e.way = 'out' OR e.event = 'replied_by_mail') ORDER BY e.seq DESC LIMIT 1), ''),
	agent_name = COALESCE((SELECT e.author_name FROM entries e WHERE e.conversation = escalations.conversation AND e.seq >= escalations.first
		AND e.role = 'agent' AND (e.way = 'out' OR e.event = 'replied_by_mail') ORDER BY e.seq DESC LIMIT 1), '')
WHERE ended_at = 0;
