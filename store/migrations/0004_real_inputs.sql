-- Why a session was ended by something else than its person signing out, in plain
-- words for that person; empty otherwise.
ALTER TABLE sessions ADD COLUMN ended_for TEXT NOT NULL DEFAULT '';
