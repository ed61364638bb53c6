-- The secret of a shared key, with which a provider may sign in place of the token.
ALTER TABLE lines ADD COLUMN signing_key TEXT NOT NULL DEFAULT ''; -- sealed, or empty: there is none
-- The last request signed with a shared key that was refused.
ALTER TABLE lines ADD COLUMN refused TEXT NOT NULL DEFAULT '';     -- the code of its reason, or empty
ALTER TABLE lines ADD COLUMN refused_at BIGINT NOT NULL DEFAULT 0;
