-- What one node at a time does: the deliveries of an account, the comparison of a
-- line. Whoever holds a duty renews it; of one who is gone it ends by itself.
CREATE TABLE duties (
	name   TEXT PRIMARY KEY,
	holder TEXT NOT NULL,  -- a node
	until  BIGINT NOT NULL
);
CREATE INDEX duties_holder ON duties (holder);

-- What each node wrote last to see that writing works, and all the way from there
-- to its viewers.
CREATE TABLE nodes (
	id  TEXT PRIMARY KEY,
	rev BIGINT NOT NULL,
	at  BIGINT NOT NULL
);

CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at > 0;
