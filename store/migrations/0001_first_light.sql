-- Rules for every migration: only types that SQLite and PostgreSQL share, times
-- as microseconds since 1970, booleans as 0 or 1, ids made by the program.

CREATE TABLE about (
	name  TEXT PRIMARY KEY,
	value TEXT NOT NULL
);

CREATE TABLE shops (
	id       TEXT PRIMARY KEY,
	name     TEXT NOT NULL,
	settings TEXT NOT NULL,
	desk     TEXT NOT NULL DEFAULT '', -- the helpdesk account that customer and ticket ids belong to
	made_at  BIGINT NOT NULL
);

CREATE TABLE lines (
	id       TEXT PRIMARY KEY,
	shop     TEXT NOT NULL REFERENCES shops (id),
	number   TEXT NOT NULL,
	provider TEXT NOT NULL,
	account  TEXT NOT NULL,
	token    TEXT NOT NULL, -- sealed
	endpoint TEXT NOT NULL UNIQUE,
	service  TEXT NOT NULL,
	UNIQUE (provider, account, number)
);
CREATE INDEX lines_shop ON lines (shop);

CREATE TABLE helpdesks (
	shop     TEXT PRIMARY KEY REFERENCES shops (id),
	account  TEXT NOT NULL,
	username TEXT NOT NULL,
	api_key  TEXT NOT NULL, -- sealed
	secret   TEXT NOT NULL, -- sealed; the helpdesk sends it with its webhooks
	endpoint TEXT NOT NULL UNIQUE,
	made     TEXT NOT NULL,
	agents   TEXT NOT NULL,
	at       BIGINT NOT NULL
);

-- The progress of a set-up, for the page that shows it.
CREATE TABLE setups (
	shop  TEXT NOT NULL REFERENCES shops (id),
	what  TEXT NOT NULL,
	state TEXT NOT NULL,
	steps TEXT NOT NULL,
	at    BIGINT NOT NULL,
	PRIMARY KEY (shop, what)
);

CREATE TABLE shoppers (
	id        TEXT PRIMARY KEY,
	shop      TEXT NOT NULL REFERENCES shops (id),
	phone     TEXT NOT NULL,
	name      TEXT NOT NULL,
	email     TEXT NOT NULL,
	purchased INTEGER NOT NULL,
	customer  TEXT NOT NULL,
	UNIQUE (shop, phone)
);
CREATE INDEX shoppers_customer ON shoppers (shop, customer) WHERE customer <> '';

CREATE TABLE conversations (
	id         TEXT PRIMARY KEY,
	shop       TEXT NOT NULL REFERENCES shops (id),
	line       TEXT NOT NULL REFERENCES lines (id),
	shopper    TEXT NOT NULL REFERENCES shoppers (id),
	mode       TEXT NOT NULL,
	opted_out  INTEGER NOT NULL,
	seq        BIGINT NOT NULL,
	rev        BIGINT NOT NULL,
	last_at    BIGINT NOT NULL,
	dialog     TEXT NOT NULL,
	escalation TEXT NOT NULL,
	ticket     TEXT NOT NULL,
	UNIQUE (line, shopper)
);
CREATE INDEX conversations_shopper ON conversations (shopper);

CREATE TABLE entries (
	conversation TEXT NOT NULL REFERENCES conversations (id),
	seq          BIGINT NOT NULL,
	rev          BIGINT NOT NULL,
	shop         TEXT NOT NULL,
	kind         TEXT NOT NULL,
	way          TEXT NOT NULL,
	role         TEXT NOT NULL,
	author       TEXT NOT NULL,
	author_name  TEXT NOT NULL,
	body         TEXT NOT NULL,
	media        TEXT NOT NULL,
	event        TEXT NOT NULL,
	state        TEXT NOT NULL,
	problem      TEXT NOT NULL,
	at           BIGINT NOT NULL,
	origin       TEXT NOT NULL,
	PRIMARY KEY (conversation, seq)
);
CREATE UNIQUE INDEX entries_origin ON entries (conversation, origin) WHERE origin <> '';
CREATE INDEX entries_rev ON entries (conversation, rev);

CREATE TABLE escalations (
	id           TEXT PRIMARY KEY,
	shop         TEXT NOT NULL,
	conversation TEXT NOT NULL REFERENCES conversations (id),
	reason       TEXT NOT NULL,
	wants        TEXT NOT NULL,
	first        BIGINT NOT NULL,
	at           BIGINT NOT NULL,
	ended_at     BIGINT NOT NULL
);
CREATE UNIQUE INDEX escalations_open ON escalations (conversation) WHERE ended_at = 0;
CREATE INDEX escalations_shop ON escalations (shop) WHERE ended_at = 0;

CREATE TABLE tickets (
	id           TEXT PRIMARY KEY,
	shop         TEXT NOT NULL,
	conversation TEXT NOT NULL REFERENCES conversations (id),
	remote       TEXT NOT NULL,
	open         INTEGER NOT NULL,
	closed_at    BIGINT NOT NULL,
	lost         INTEGER NOT NULL,
	first        BIGINT NOT NULL,
	mirrored     BIGINT NOT NULL,
	tagged       TEXT NOT NULL,
	before       TEXT NOT NULL
);
CREATE UNIQUE INDEX tickets_open ON tickets (conversation) WHERE open = 1 AND lost = 0;
CREATE INDEX tickets_remote ON tickets (shop, remote) WHERE remote <> '';

-- The outbox: jobs to do at providers and helpdesks. A row is deleted once it is done.
CREATE TABLE deliveries (
	id           TEXT PRIMARY KEY,
	shop         TEXT NOT NULL,
	kind         TEXT NOT NULL,
	account      TEXT NOT NULL,
	lane         TEXT NOT NULL,
	place        BIGINT NOT NULL,
	conversation TEXT NOT NULL,
	entry        BIGINT NOT NULL,
	body         TEXT NOT NULL,
	ticket       TEXT NOT NULL,
	calm         INTEGER NOT NULL, -- 0: urgent, a person is waiting
	due          BIGINT NOT NULL,
	tries        BIGINT NOT NULL,
	until        BIGINT NOT NULL,
	state        TEXT NOT NULL,    -- ready, running, failed
	problem      TEXT NOT NULL
);
CREATE INDEX deliveries_ready ON deliveries (account, calm, due) WHERE state = 'ready';
CREATE INDEX deliveries_running ON deliveries (until) WHERE state = 'running';
CREATE INDEX deliveries_lane ON deliveries (lane, place) WHERE state <> 'failed';
CREATE INDEX deliveries_shop ON deliveries (shop, account);
CREATE UNIQUE INDEX deliveries_sync ON deliveries (lane) WHERE state = 'ready' AND kind = 'ticket';

CREATE TABLE attempts (
	id           TEXT PRIMARY KEY,
	shop         TEXT NOT NULL,
	line         TEXT NOT NULL,
	conversation TEXT NOT NULL REFERENCES conversations (id),
	entry        BIGINT NOT NULL,
	provider     TEXT NOT NULL,
	at           BIGINT NOT NULL
);
CREATE INDEX attempts_provider ON attempts (line, provider) WHERE provider <> '';

CREATE TABLE sign_in_links (
	hash    TEXT PRIMARY KEY,
	shop    TEXT NOT NULL REFERENCES shops (id),
	made_at BIGINT NOT NULL,
	used_at BIGINT NOT NULL
);

CREATE TABLE codes (
	id           TEXT PRIMARY KEY,
	shop         TEXT NOT NULL,
	conversation TEXT NOT NULL REFERENCES conversations (id),
	agent        TEXT NOT NULL,
	agent_name   TEXT NOT NULL,
	hash         TEXT NOT NULL,
	tries        BIGINT NOT NULL,
	made_at      BIGINT NOT NULL,
	used_at      BIGINT NOT NULL
);
CREATE INDEX codes_conversation ON codes (conversation, made_at);

CREATE TABLE sessions (
	id       TEXT PRIMARY KEY, -- the hash of the cookie's value
	shop     TEXT NOT NULL,
	role     TEXT NOT NULL,
	agent    TEXT NOT NULL,
	name     TEXT NOT NULL,
	made_at  BIGINT NOT NULL,
	seen_at  BIGINT NOT NULL,
	ended_at BIGINT NOT NULL
);

CREATE INDEX sessions_shop ON sessions (shop) WHERE ended_at = 0;

-- Requests with a valid signature that could not be parsed.
CREATE TABLE quarantine (
	id     TEXT PRIMARY KEY,
	shop   TEXT NOT NULL,
	line   TEXT NOT NULL,
	at     BIGINT NOT NULL,
	reason TEXT NOT NULL,
	body   TEXT NOT NULL -- base64
);
CREATE INDEX quarantine_shop ON quarantine (shop);
