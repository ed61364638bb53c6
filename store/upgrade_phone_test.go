package store

import (
	"database/sql"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// oldNotations is a database of the first version with phones in two notations:
// p1 alone; p2 who texted and opted out, and p3 who was only imported; p4 and
// p5 who both texted one line; p6 is of another shop.
const oldNotations = `
INSERT INTO migrations (name) VALUES ('migrations/0001_first_light.sql');
INSERT INTO about (name, value) VALUES ('epoch', 'e');
INSERT INTO shops (id, name, settings, desk, made_at) VALUES ('s', 'Acme', '{}', '', 1), ('o', 'Other', '{}', '', 1);
INSERT INTO lines (id, shop, number, provider, account, token, endpoint, service) VALUES ('l', 's', '+14155550100', 'twilio', 'AC1', '', 'line', '');
INSERT INTO shoppers (id, shop, phone, name, email, purchased, customer) VALUES
	('p1', 's', '+541123456789', 'Ana', '', 0, ''),
	('p2', 's', '+5215512345678', 'Eva', 'eva@example.com', 1, '7'), ('p3', 's', '+525512345678', '', '', 0, ''),
	('p4', 's', '+551187654321', 'Rui', '', 1, '8'), ('p5', 's', '+5511987654321', 'Rui Sá', '', 0, '9'),
	('p6', 'o', '+525512345678', 'Other', '', 0, ''),
	('p7', 's', '52155', '', '', 0, ''), ('p8', 's', '+14155550199', 'Jane', '', 0, ''), ('p9', 's', '+551132345678', 'Fixed', '', 0, '');
INSERT INTO conversations (id, shop, line, shopper, mode, opted_out, seq, rev, last_at, dialog, escalation, ticket) VALUES
	('c1', 's', 'l', 'p1', 'automated', 0, 0, 0, 0, '{}', '', ''), ('c2', 's', 'l', 'p2', 'automated', 1, 0, 0, 0, '{}', '', ''),
	('c4', 's', 'l', 'p4', 'automated', 1, 0, 0, 0, '{}', '', ''), ('c5', 's', 'l', 'p5', 'automated', 0, 0, 0, 0, '{}', '', '');`

func TestUpgradeOfPhones(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	db := sql.OpenDB(sqldb.SQLite{Path: path})
	first, err := migrations.ReadFile("migrations/0001_first_light.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{`CREATE TABLE migrations (name TEXT PRIMARY KEY)`, string(first), oldNotations} {
		if _, err := db.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), "sqlite:"+path, make([]byte, 32), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	read := rawDB(t, path)
	got := column(t, read, `SELECT id || ' ' || phone || ' ' || name || ' ' || email || ' ' || purchased || ' ' || customer FROM shoppers ORDER BY id`)
	want := []string{
		"p1 +5491123456789 Ana  0 ", "p3 +525512345678 Eva eva@example.com 1 7", "p4 +551187654321 Rui  1 8", "p5 +5511987654321 Rui Sá  1 9",
		"p6 +525512345678 Other  0 ", "p7 52155   0 ", "p8 +14155550199 Jane  0 ", "p9 +551132345678 Fixed  0 ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("shoppers\n%q, want\n%q", got, want)
	}
	got = column(t, read, `SELECT id || ' ' || shopper || ' ' || opted_out FROM conversations ORDER BY id`)
	if want := []string{"c1 p1 0", "c2 p3 1", "c4 p4 1", "c5 p5 1"}; !slices.Equal(got, want) {
		t.Errorf("conversations %q, want %q", got, want)
	}
	// The rules are those of chat.Phone.Canonical: every phone finds its conversation.
	for old, id := range map[chat.Phone]chat.ConversationID{"+541123456789": "c1", "+5215512345678": "c2", "+551187654321": "c5"} {
		turn, err := s.Receive(t.Context(), chat.LineConfig{Shop: chat.Shop{ID: "s"}, Line: chat.Line{ID: "l", Shop: "s"}}, old, time.Now(), func(*chat.Turn) error { return nil })
		if err != nil || turn.Conversation.ID != id || turn.Shopper.Phone != old.Canonical() {
			t.Errorf("%q leads to %s of %q, %v", string(old), turn.Conversation.ID, string(turn.Shopper.Phone), err)
		}
	}
}
