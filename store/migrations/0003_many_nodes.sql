-- Leases for what one node at a time does: the deliveries of an account, the
-- comparison of a line. The holder renews its lease; otherwise it expires.
CREATE TABLE duties (
	name   TEXT PRIMARY KEY,
	holder TEXT NOT NULL,  -- a node
	until  BIGINT NOT NULL
);
CREATE INDEX duties_holder ON duties (holder);

-- Canaries: each node writes its row every few seconds, and measures how long it
-- takes until a subscriber is told of it.
CREATE TABLE nodes (
	id  TEXT PRIMARY KEY,
	rev BIGINT NOT NULL,
	at  BIGINT NOT NULL
);

CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at > 0;
