ALTER TABLE deliveries ADD COLUMN at BIGINT NOT NULL DEFAULT 0; -- when it was decided
UPDATE deliveries SET at = due;
CREATE INDEX deliveries_failed ON deliveries (shop, id) WHERE state = 'failed';

ALTER TABLE entries ADD COLUMN said BIGINT NOT NULL DEFAULT 0;  -- of a text that came late: when the provider received it
ALTER TABLE entries ADD COLUMN again BIGINT NOT NULL DEFAULT 0; -- of a text sent again: the place of the earlier one

ALTER TABLE attempts ADD COLUMN try BIGINT NOT NULL DEFAULT 0;    -- of its delivery
ALTER TABLE attempts ADD COLUMN missed BIGINT NOT NULL DEFAULT 0; -- when the provider's list first lacked it
CREATE INDEX attempts_conversation ON attempts (conversation, at);
UPDATE attempts SET provider = '' WHERE provider <> '' AND EXISTS (
	SELECT 1 FROM attempts o WHERE o.line = attempts.line AND o.provider = attempts.provider AND o.provider <> '' AND o.id < attempts.id
);
DROP INDEX attempts_provider;
CREATE UNIQUE INDEX attempts_provider ON attempts (line, provider) WHERE provider <> '';

-- Texts wait for their number's sending account instead of the provider's.
UPDATE deliveries SET account = 'sms/' || account || '/' || (
	SELECT l.number FROM conversations c JOIN lines l ON l.id = c.line WHERE c.id = deliveries.conversation
) WHERE kind = 'sms';

ALTER TABLE lines ADD COLUMN pace BIGINT NOT NULL DEFAULT 0;        -- segments a second; 0: by the kind of number
ALTER TABLE lines ADD COLUMN heard_until BIGINT NOT NULL DEFAULT 0; -- every text that the provider received before then is stored
ALTER TABLE lines ADD COLUMN compared_at BIGINT NOT NULL DEFAULT 0; -- when that was last compared
ALTER TABLE lines ADD COLUMN came_late BIGINT NOT NULL DEFAULT 0;   -- texts that comparisons found missing, in all
ALTER TABLE lines ADD COLUMN trouble TEXT NOT NULL DEFAULT '';      -- why the last comparison failed; empty: it did not

-- The providers' reports of texts, each state once: the history behind a state.
CREATE TABLE reports (
	attempt  TEXT NOT NULL,
	state    TEXT NOT NULL,
	code     TEXT NOT NULL,
	shop     TEXT NOT NULL,
	provider TEXT NOT NULL,
	source   TEXT NOT NULL, -- answer, callback, list, look
	at       BIGINT NOT NULL,
	PRIMARY KEY (attempt, state, code)
);

-- Reports that came before their attempt's provider id was saved, for some minutes.
CREATE TABLE strays (
	line     TEXT NOT NULL,
	provider TEXT NOT NULL,
	report   TEXT NOT NULL,
	at       BIGINT NOT NULL,
	PRIMARY KEY (line, provider, report)
);
CREATE INDEX strays_at ON strays (at);

-- Pictures and files of shoppers. They are written in pieces, so that a large one
-- delays no text for long.
CREATE TABLE media (
	id           TEXT PRIMARY KEY,
	shop         TEXT NOT NULL,
	conversation TEXT NOT NULL REFERENCES conversations (id),
	type         TEXT NOT NULL,
	size         BIGINT NOT NULL, -- bytes; 0: incomplete
	at           BIGINT NOT NULL
);
CREATE INDEX media_unfinished ON media (at) WHERE size = 0;
CREATE TABLE media_pieces (
	media TEXT NOT NULL,
	n     BIGINT NOT NULL,
	body  BYTEA NOT NULL,
	PRIMARY KEY (media, n)
);

-- Texts with an unknown outcome that no status check would resolve any more.
UPDATE entries SET problem = '{"code":"no_evidence","text":"The carrier could not say whether this text was sent."}' WHERE state = 'unknown' AND problem = '';

-- The few texts with an unknown outcome.
CREATE INDEX entries_unknown ON entries (shop) WHERE state = 'unknown';
