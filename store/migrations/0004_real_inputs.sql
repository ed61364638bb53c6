-- The secret of a shared key, with which a provider may sign in place of the token.
ALTER TABLE lines ADD COLUMN signing_key TEXT NOT NULL DEFAULT ''; -- sealed, or empty: there is none
-- The last request signed with a shared key that was refused.
ALTER TABLE lines ADD COLUMN refused TEXT NOT NULL DEFAULT '';     -- the code of its reason, or empty
ALTER TABLE lines ADD COLUMN refused_at BIGINT NOT NULL DEFAULT 0;
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
-- Why a session was ended by something else than its person signing out, in plain
-- words for that person; empty otherwise.
ALTER TABLE sessions ADD COLUMN ended_for TEXT NOT NULL DEFAULT '';
-- What an escalation handed over belongs to its ticket also after it has ended.
CREATE INDEX escalations_conversation ON escalations (conversation, ended_at);
