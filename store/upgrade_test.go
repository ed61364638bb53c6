package store

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// firstVersion is a database of the first version: a conversation with a text that
// waits, one whose worker was killed, and one that was delivered; a picture that
// was not fetched; a sync of a ticket that waits, and one that failed.
const firstVersion = `
INSERT INTO migrations (name) VALUES ('migrations/0001_first_light.sql');
INSERT INTO about (name, value) VALUES ('epoch', 'e');
INSERT INTO shops (id, name, settings, desk, made_at) VALUES ('s', 'Acme', '{}', 'acme', 1);
INSERT INTO lines (id, shop, number, provider, account, token, endpoint, service) VALUES ('l', 's', '+14155550100', 'twilio', 'AC1', '', 'line', '');
INSERT INTO shoppers (id, shop, phone, name, email, purchased, customer) VALUES ('p', 's', '+14155550199', 'Zoë', 'z@example.com', 1, '900');
INSERT INTO conversations (id, shop, line, shopper, mode, opted_out, seq, rev, last_at, dialog, escalation, ticket)
	VALUES ('c', 's', 'l', 'p', 'human', 0, 5, 9, 1795348800000000, '{}', 'x', 't');
INSERT INTO entries (conversation, seq, rev, shop, kind, way, role, author, author_name, body, media, event, state, problem, at, origin) VALUES
	('c', 1, 1, 's', 'text', 'in', 'shopper', '', '', 'look 👀', '[{"type":"image/jpeg","url":"https://api.twilio.com/1"}]', '', '', '', 1795348800000000, 'twilio:SM1'),
	('c', 2, 2, 's', 'event', '', 'system', '', '', 'Talk to a person', '', 'escalated', '', '', 1795348800000000, ''),
	('c', 3, 5, 's', 'text', 'out', 'agent', '1', 'Anna', 'Hi Zoë', '', '', 'delivered', '', 1795348801000000, 'agent:11111111'),
	('c', 4, 7, 's', 'text', 'out', 'agent', '1', 'Anna', 'still there?', '', '', 'saved', '', 1795348802000000, 'agent:22222222'),
	('c', 5, 9, 's', 'text', 'out', 'agent', '1', 'Anna', 'hello?', '', '', 'saved', '', 1795348803000000, 'agent:33333333');
INSERT INTO escalations (id, shop, conversation, reason, wants, first, at, ended_at) VALUES ('x', 's', 'c', 'asked_for_person', 'Talk', 1, 1795348800000000, 0);
INSERT INTO tickets (id, shop, conversation, remote, open, closed_at, lost, first, mirrored, tagged, before) VALUES ('t', 's', 'c', '77', 1, 0, 0, 1, 3, '', '');
INSERT INTO deliveries (id, shop, kind, account, lane, place, conversation, entry, body, ticket, calm, due, tries, until, state, problem) VALUES
	('d4', 's', 'sms', 'twilio/AC1', 'sms/c', 4, 'c', 4, '', '', 0, 1795348802000000, 2, 1795348862000000, 'running', ''),
	('d5', 's', 'sms', 'twilio/AC1', 'sms/c', 5, 'c', 5, '', '', 0, 1795348803000000, 0, 0, 'ready', ''),
	('k', 's', 'ticket', 'gorgias/acme', 'ticket/c', 0, 'c', 0, '', '', 1, 1795348803000000, 0, 0, 'ready', ''),
	('f', 's', 'ticket', 'gorgias/acme', 'ticket/c', 0, 'c', 0, '', '', 1, 1795348801000000, 3, 0, 'failed', 'Gorgias refused it.'),
	('m', 's', 'message', 'gorgias/acme', 'message/m', 0, 'c', 1, 'k-1', '77', 1, 1795348801000000, 3, 0, 'failed', 'Too long.'),
	('n', 's', 'note', 'gorgias/acme', 'note/n', 0, 'c', 0, 'Anna''s text “"C:\new" 👀
	\" did not arrive.', '77', 1, 1795348803000000, 0, 0, 'ready', ''),
	('p', 's', 'media', 'twilio/AC1/media', 'media/p', 0, 'c', 1, 'picture', '', 1, 1795348803000000, 0, 0, 'ready', '');
INSERT INTO attempts (id, shop, line, conversation, entry, provider, at) VALUES
	('a3', 's', 'l', 'c', 3, 'SM3', 1795348801000000), ('a3x', 's', 'l', 'c', 3, 'SM3', 1795348801000001),
	('a4', 's', 'l', 'c', 4, '', 1795348802000000);
INSERT INTO sign_in_links (hash, shop, made_at, used_at) VALUES ('h', 's', 1, 0);
INSERT INTO codes (id, shop, conversation, agent, agent_name, hash, tries, made_at, used_at) VALUES ('o', 's', 'c', '1', 'Anna', 'h', 0, 1, 0);
INSERT INTO sessions (id, shop, role, agent, name, made_at, seen_at, ended_at) VALUES ('i', 's', 'agent', '1', 'Anna', 1, 1, 0);
INSERT INTO setups (shop, what, state, steps, at) VALUES ('s', 'gorgias', 'done', '[]', 1);
INSERT INTO helpdesks (shop, account, username, api_key, secret, endpoint, made, agents, at) VALUES ('s', 'acme', 'u', '', '', 'desk', '{}', '[]', 1);
INSERT INTO quarantine (id, shop, line, at, reason, body) VALUES ('q', 's', 'l', 1, 'no From', 'Qm9keT0=');`

// createOldDatabase makes a database of the first version, and returns its contents.
func createOldDatabase(t *testing.T, path string) map[string][]string {
	t.Helper()
	db := sql.OpenDB(sqldb.SQLite{Path: path})
	defer db.Close()
	first, err := migrations.ReadFile("migrations/0001_first_light.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{`CREATE TABLE migrations (name TEXT PRIMARY KEY)`, string(first), firstVersion} {
		if _, err := db.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	seal, err := NewSeal(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`UPDATE lines SET token = $1`, seal.encrypt("token", "s", "lines.token")); err != nil {
		t.Fatal(err)
	}
	return contents(t, db, nil)
}

// oldPayload is the columns entry and body of the first version, from the payload.
const oldPayload = `COALESCE(json_extract(payload, '$.entry'), 0), COALESCE(json_extract(payload, '$.text'), json_extract(payload, '$.name'), json_extract(payload, '$.media'), '')`

// contents reads every table; with before, only its tables and columns. The first
// row of each table has the names of the columns.
func contents(t *testing.T, db *sql.DB, before map[string][]string) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	for _, table := range column(t, db, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`) {
		columns := strings.Join(column(t, db, `SELECT name FROM pragma_table_info('`+table+`')`), ", ")
		if before != nil {
			if before[table] == nil {
				continue
			}
			columns = before[table][0]
			if table == "deliveries" {
				columns = "id, shop, kind, account, lane, place, conversation, " + oldPayload + ", ticket, calm, due, tries, until, state, problem"
			}
		}
		header := columns
		if before != nil {
			header = before[table][0]
		}
		found[table] = append([]string{header}, column(t, db, `SELECT json_array(`+columns+`) FROM `+table+` ORDER BY 1`)...)
	}
	return found
}

// column reads a result of one column.
func column(t *testing.T, db *sql.DB, query string) (all []string) {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

// Data of the first version is unchanged by the upgrade, and can be used.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	before := createOldDatabase(t, path)
	s, err := Open(t.Context(), "sqlite:"+path, make([]byte, 32), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	after := contents(t, rawDB(t, path), before)
	sends := chat.Line{Provider: "twilio", Account: "AC1", Number: "+14155550100"}.SendAccount()
	changed := strings.NewReplacer(
		`"twilio/AC1","sms/c"`, `"`+sends+`","sms/c"`, // each number has its own sending account
		`"c",3,"SM3",1795348801000001`, `"c",3,"",1795348801000001`, // no two attempts have the same provider's id
	)
	for table, rows := range before {
		want := slices.Clone(rows)
		for i := range want {
			want[i] = changed.Replace(want[i])
		}
		got := after[table]
		if table == "about" || table == "migrations" { // they have more rows now
			got = got[:min(len(got), len(want))]
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n%s\nwas\n%s", table, strings.Join(after[table], "\n"), strings.Join(want, "\n"))
		}
	}
	checkUpgraded(t, s)
}

// checkUpgraded uses the upgraded data.
func checkUpgraded(t *testing.T, s *Store) {
	t.Helper()
	ctx, at := context.Background(), time.UnixMicro(1795348900000000)
	expired, err := s.ExpiredClaims(ctx, at)
	if err != nil || len(expired) != 1 || expired[0].ID != "d4" || !expired[0].At.Equal(expired[0].Due) {
		t.Fatalf("expired claims %+v %v", expired, err)
	}
	turn, err := s.Turn(ctx, "s", "c", at, func(t *chat.Turn) error {
		attempts, err := t.History.Attempts(time.UnixMicro(0))
		if len(attempts) != 3 || attempts[0].Provider != "SM3" || attempts[1].Provider != "" {
			err = fmt.Errorf("attempts %+v %w", attempts, err)
		}
		t.Done = append(t.Done, "d4")
		t.Answer("Hello.")
		return err
	})
	if err != nil || turn.Added[0].Seq != 6 || turn.Added[0].Rev != 10 || turn.Line.Pace != 0 {
		t.Fatalf("turn %+v %v", turn, err)
	}
	for account, want := range map[string]map[chat.DeliveryID]any{
		turn.Line.SendAccount(): {"d5": chat.SMSPayload{Entry: 5}},
		"gorgias/acme":          {"k": chat.SyncPayload{}, "n": chat.NotePayload{Text: "Anna's text “\"C:\\new\" 👀\n\t\\\" did not arrive."}},
		"twilio/AC1/media":      {"p": chat.MediaPayload{Entry: 1, Media: "picture"}},
	} {
		claims, err := s.Claim(ctx, account, 9, 9, at, time.Minute)
		if err != nil || len(claims) != len(want) {
			t.Errorf("claimed of %s %+v %v", account, claims, err)
		}
		for _, d := range claims {
			if got := decoded(t, d); got != want[d.ID] {
				t.Errorf("the payload of %s is %+v, want %+v", d.ID, got, want[d.ID])
			}
		}
	}
	if found, total, err := s.Failures(ctx, "s", 9); err != nil || total != 2 || found[1].ID != "f" || found[1].Problem != "Gorgias refused it." || found[1].Remote != "77" {
		t.Errorf("failures %+v %v", found, err)
	} else if got := decoded(t, found[0].Delivery); got != (chat.MessagePayload{Entry: 1, Name: "k-1"}) {
		t.Errorf("the payload of a failed message is %+v", got)
	}
	snapshot, _, err := s.Snapshot(ctx, "s", "c", 0)
	if err != nil || len(snapshot.Entries) != 6 || len(snapshot.Entries[0].Media) != 1 || snapshot.Entries[0].Media[0].State == chat.MediaWaiting {
		t.Errorf("entries %+v %v", snapshot.Entries, err)
	}
	if e := snapshot.Escalation; e == nil || e.Agent != (chat.Author{Role: chat.ByAgent, ID: "1", Name: "Anna"}) || e.Later != nil {
		t.Errorf("the open escalation is %+v", e)
	}
	if all, err := s.Comparisons(ctx, "s"); err != nil || !maps.Equal(all, map[chat.LineID]chat.Comparison{"l": {}}) {
		t.Errorf("comparisons %+v %v", all, err)
	}
	if result, err := CheckIntegrity(ctx, s); result != "ok" {
		t.Errorf("integrity check: %q %v", result, err)
	}
}

// decoded decodes the payload of a delivery.
func decoded(t *testing.T, d chat.Delivery) (p any) {
	t.Helper()
	var err error
	switch d.Kind {
	case chat.SendSMS:
		p, err = chat.DecodePayload[chat.SMSPayload](d)
	case chat.SyncTicket:
		p, err = chat.DecodePayload[chat.SyncPayload](d)
	case chat.PostNote:
		p, err = chat.DecodePayload[chat.NotePayload](d)
	case chat.AddMessage:
		p, err = chat.DecodePayload[chat.MessagePayload](d)
	case chat.FetchMedia:
		p, err = chat.DecodePayload[chat.MediaPayload](d)
	}
	if err != nil {
		t.Errorf("delivery %s: %v", d.ID, err)
	}
	return p
}

// rawDB opens a SQLite file read-only, beside the store.
func rawDB(t *testing.T, path string) *sql.DB {
	t.Helper()
	db := sql.OpenDB(sqldb.SQLite{Path: path, ReadOnly: true})
	t.Cleanup(func() { _ = db.Close() })
	return db
}
