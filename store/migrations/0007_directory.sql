-- A shop's access to the vendors that know its customers.
CREATE TABLE connections (
	shop          TEXT NOT NULL REFERENCES shops (id),
	vendor        TEXT NOT NULL,
	account       TEXT NOT NULL,
	client_id     TEXT NOT NULL,
	token         TEXT NOT NULL, -- sealed, or empty
	secret        TEXT NOT NULL, -- sealed; signs the vendor's webhooks
	former_secret TEXT NOT NULL DEFAULT '', -- sealed, or empty; accepted until former_until
	former_until  BIGINT NOT NULL DEFAULT 0,
	endpoint      TEXT NOT NULL UNIQUE,
	status        TEXT NOT NULL, -- active, paused, broken
	problem       TEXT NOT NULL DEFAULT '', -- of a broken one: JSON, or empty
	scopes        TEXT NOT NULL DEFAULT '', -- with spaces in between
	registered    TEXT NOT NULL DEFAULT '',
	settings      TEXT NOT NULL DEFAULT '',
	connected_at  BIGINT NOT NULL,
	checked_at    BIGINT NOT NULL DEFAULT 0,
	refused_at    BIGINT NOT NULL DEFAULT 0, -- of the newest webhook with a wrong signature; 0 after a right one
	PRIMARY KEY (shop, vendor)
);
CREATE UNIQUE INDEX connections_account ON connections (vendor, account);

-- Webhooks of these vendors. One that is applied keeps its keys for some days, without
-- its body, so that a repeated one is recognised.
CREATE TABLE events (
	id           TEXT PRIMARY KEY,
	shop         TEXT NOT NULL,
	vendor       TEXT NOT NULL,
	key          TEXT NOT NULL,
	event        TEXT NOT NULL, -- the vendor's id of the event, or empty
	topic        TEXT NOT NULL,
	body         TEXT NOT NULL,
	state        TEXT NOT NULL, -- waiting, applied, failed
	problem      TEXT NOT NULL DEFAULT '',
	received_at  BIGINT NOT NULL,
	triggered_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX events_key ON events (shop, vendor, key);
CREATE UNIQUE INDEX events_event ON events (shop, vendor, event) WHERE event <> '';
CREATE INDEX events_waiting ON events (shop, id) WHERE state = 'waiting';
CREATE INDEX events_failed ON events (shop, id) WHERE state = 'failed';

-- The people whom the vendors know.
CREATE TABLE customers (
	id          TEXT PRIMARY KEY,
	shop        TEXT NOT NULL,
	shopify     TEXT NOT NULL, -- the vendor's id, or empty
	recharge    TEXT NOT NULL,
	name        TEXT NOT NULL,
	email       TEXT NOT NULL, -- in lower case
	locale      TEXT NOT NULL,
	time_zone   TEXT NOT NULL,
	country     TEXT NOT NULL,
	zip         TEXT NOT NULL,
	shopify_at  BIGINT NOT NULL, -- the time of the newest record of the vendor's
	recharge_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX customers_shopify ON customers (shop, shopify) WHERE shopify <> '';
CREATE UNIQUE INDEX customers_recharge ON customers (shop, recharge) WHERE recharge <> '';
CREATE INDEX customers_email ON customers (shop, email);

-- Ids of customers that turned out to be one with another: records that name them are
-- about the customer that was kept.
CREATE TABLE customer_aliases (
	shop     TEXT NOT NULL,
	vendor   TEXT NOT NULL,
	id       TEXT NOT NULL,
	customer TEXT NOT NULL,
	PRIMARY KEY (shop, vendor, id)
);
CREATE INDEX customer_aliases_customer ON customer_aliases (shop, customer);

-- Which customers have, or had, which phones.
CREATE TABLE customer_phones (
	shop     TEXT NOT NULL,
	phone    TEXT NOT NULL,
	customer TEXT NOT NULL,
	source   TEXT NOT NULL,
	seen_at  BIGINT NOT NULL,
	ended_at BIGINT NOT NULL, -- 0: the customer has it still
	PRIMARY KEY (shop, phone, customer)
);
CREATE INDEX customer_phones_customer ON customer_phones (shop, customer, ended_at);

-- Phones that could not be parsed, as they were written.
CREATE TABLE unreadable_phones (
	shop     TEXT NOT NULL,
	customer TEXT NOT NULL,
	source   TEXT NOT NULL,
	raw      TEXT NOT NULL,
	country  TEXT NOT NULL,
	reason   TEXT NOT NULL, -- for people
	at       BIGINT NOT NULL,
	PRIMARY KEY (shop, customer, source)
);
CREATE INDEX unreadable_phones_newest ON unreadable_phones (shop, at, customer, source);

-- Objects of the vendors, with what is needed to find and order them; the rest is JSON.
CREATE TABLE orders (
	shop       TEXT NOT NULL,
	id         TEXT NOT NULL,
	customer   TEXT NOT NULL,
	name       TEXT NOT NULL,
	test       INTEGER NOT NULL DEFAULT 0, -- 1: made by the merchant to try the store
	proves     INTEGER NOT NULL,           -- 1: neither a test nor cancelled
	doc        TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (shop, id)
);
CREATE INDEX orders_customer ON orders (shop, customer, created_at);

CREATE TABLE fulfillments (
	shop       TEXT NOT NULL,
	order_id   TEXT NOT NULL,
	id         TEXT NOT NULL,
	doc        TEXT NOT NULL,
	updated_at BIGINT NOT NULL,          -- 0: only shipment events have come
	event      TEXT NOT NULL DEFAULT '', -- the shipment status of the newest shipment event
	event_at   BIGINT NOT NULL,          -- when that was; 0: there was none
	PRIMARY KEY (shop, order_id, id)
);

CREATE TABLE subscriptions (
	shop       TEXT NOT NULL,
	id         TEXT NOT NULL,
	customer   TEXT NOT NULL,
	status     TEXT NOT NULL,
	doc        TEXT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (shop, id)
);
CREATE INDEX subscriptions_customer ON subscriptions (shop, customer);
CREATE INDEX subscriptions_active ON subscriptions (shop) WHERE status = 'active';

CREATE TABLE charges (
	shop         TEXT NOT NULL,
	id           TEXT NOT NULL,
	customer     TEXT NOT NULL,
	status       TEXT NOT NULL,
	scheduled_on TEXT NOT NULL,
	doc          TEXT NOT NULL,
	updated_at   BIGINT NOT NULL,
	PRIMARY KEY (shop, id)
);
CREATE INDEX charges_customer ON charges (shop, customer, status, scheduled_on);

-- What a vendor has deleted, so that an older record that comes late does not bring it
-- back.
CREATE TABLE deletions (
	shop   TEXT NOT NULL,
	kind   TEXT NOT NULL, -- with the vendor in front: "shopify/order"
	id     TEXT NOT NULL,
	at     BIGINT NOT NULL,
	erased INTEGER NOT NULL DEFAULT 0, -- 1: with a person, here; such rows do not expire
	PRIMARY KEY (shop, kind, id)
);
CREATE INDEX deletions_at ON deletions (at) WHERE erased = 0;

-- The evidence of consents. Rows are only added.
CREATE TABLE consents (
	id     TEXT PRIMARY KEY,
	shop   TEXT NOT NULL,
	phone  TEXT NOT NULL,
	kind   TEXT NOT NULL,
	state  TEXT NOT NULL,
	source TEXT NOT NULL,
	words  TEXT NOT NULL,
	at     BIGINT NOT NULL
);
CREATE INDEX consents_phone ON consents (shop, phone, kind);

-- The opt-outs of people whose data was erased: a keyed hash of the phone.
CREATE TABLE suppressions (
	shop TEXT NOT NULL,
	line TEXT NOT NULL,
	hash TEXT NOT NULL,
	at   BIGINT NOT NULL,
	PRIMARY KEY (shop, line, hash)
);

-- The progress of comparing a vendor's lists with the directory.
CREATE TABLE reconciliations (
	shop       TEXT NOT NULL,
	vendor     TEXT NOT NULL,
	part       TEXT NOT NULL,
	since      BIGINT NOT NULL, -- 0: everything
	cursor     TEXT NOT NULL,
	objects    BIGINT NOT NULL,
	started_at BIGINT NOT NULL,
	ended_at   BIGINT NOT NULL, -- 0: not complete
	problem    TEXT NOT NULL,
	PRIMARY KEY (shop, vendor, part)
);

-- What the vendors' compliance webhooks ask for.
CREATE TABLE privacy_requests (
	id       TEXT PRIMARY KEY,
	shop     TEXT NOT NULL,
	kind     TEXT NOT NULL,
	topic    TEXT NOT NULL,
	person   TEXT NOT NULL,
	customer TEXT NOT NULL,
	email    TEXT NOT NULL,
	phone    TEXT NOT NULL,
	at       BIGINT NOT NULL,
	due      BIGINT NOT NULL,
	done_at  BIGINT NOT NULL,
	result   TEXT NOT NULL -- what was done, for people
);
CREATE INDEX privacy_requests_shop ON privacy_requests (shop, at, id);

-- What the directory knows of the person behind a phone: chat.Profile as JSON, or empty.
ALTER TABLE shoppers ADD COLUMN directory TEXT NOT NULL DEFAULT '';
-- The order that proves a purchase, as the directory knows it; empty: none.
ALTER TABLE shoppers ADD COLUMN proof TEXT NOT NULL DEFAULT '';
-- The directory's customer whose name the shopper has; empty: not from the directory.
ALTER TABLE shoppers ADD COLUMN person TEXT NOT NULL DEFAULT '';
CREATE INDEX shoppers_purchased ON shoppers (shop) WHERE purchased = 1 OR proof <> '';
