package store

import (
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"sidetext/chat"
	"sidetext/store/pgtest"
	"sidetext/store/sqldb"
)

// problemRows are entries of a version without the column problem_code: one for
// each problem, with the code that an upgrade has to find in it.
var problemRows = []struct{ problem, code string }{
	{``, ""},
	{`{"code":"missing","text":"The carrier's list does not have this text, so it was probably not sent."}`, "missing"},
	{`{"code":"no_evidence","text":"The carrier could not say whether this text was sent."}`, "no_evidence"},
	{`{"code":"30003","text":""}`, "30003"},
	{`{"code":"","text":"It has no code."}`, ""},
	{`{"code":"looking","text":"He said {\"code\":\"missing\"} – “no” 🙂."}`, "looking"},
}

// migrationsBefore are the migrations up to, and without, the one of this name.
func migrationsBefore(t *testing.T, name string) fs.FS {
	t.Helper()
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	some := fstest.MapFS{}
	for _, path := range names {
		if path >= "migrations/"+name {
			continue
		}
		text, err := migrations.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		some[path] = &fstest.MapFile{Data: text}
	}
	return some
}

func TestUpgradeOfProblems(t *testing.T) {
	t.Parallel()
	for engine, url := range map[string]string{"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "test.db"), "postgres": pgtest.Shared(t).Schema(t)} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			log := slog.New(slog.DiscardHandler)
			db, err := sqldb.Open(t.Context(), sqldb.Config{Address: url, Create: true, Migrations: migrationsBefore(t, "0006_problem_code.sql"), Log: log})
			if err != nil {
				t.Fatal(err)
			}
			err = db.Write(t.Context(), func(tx sqldb.Tx) error {
				for _, query := range []string{
					`INSERT INTO shops (id, name, settings, made_at) VALUES ('s', 'Acme', '{}', 1)`,
					`INSERT INTO lines (id, shop, number, provider, account, token, endpoint, service) VALUES ('l', 's', '+14155550100', 'twilio', 'AC1', '', 'line', '')`,
					`INSERT INTO shoppers (id, shop, phone, name, email, purchased, customer) VALUES ('p', 's', '+14155550199', 'Jane', '', 0, '')`,
					`INSERT INTO conversations (id, shop, line, shopper, mode, opted_out, seq, rev, last_at, dialog, escalation, ticket)
						VALUES ('c', 's', 'l', 'p', 'automated', 0, 6, 6, 0, '{}', '', '')`,
				} {
					if _, err := tx.Exec(query); err != nil {
						return err
					}
				}
				for i, row := range problemRows {
					if _, err := tx.Exec(`INSERT INTO entries (conversation, seq, rev, shop, kind, way, role, author, author_name, body, media, event, state, problem, at, origin)
						VALUES ('c', $1, $1, 's', 'text', 'out', 'system', '', '', 'Hi.', '', '', 'unknown', $2, 1, '')`, int64(i+1), row.problem); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			s, err := Open(t.Context(), url, make([]byte, 32), log)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			checkProblemCodes(t, s)
		})
	}
}

// checkProblemCodes checks the codes of problemRows, and that a changed entry has
// another one.
func checkProblemCodes(t *testing.T, s *Store) {
	t.Helper()
	var codes []string
	list := func(tx tx) error {
		codes = nil
		return tx.Rows(func(row sqldb.Scanner) error {
			codes = append(codes, "")
			return row.Scan(&codes[len(codes)-1])
		}, `SELECT problem_code FROM entries WHERE shop = 's' ORDER BY seq`)
	}
	if err := s.read(t.Context(), "list codes", list); err != nil {
		t.Fatal(err)
	}
	want := make([]string, len(problemRows))
	for i, row := range problemRows {
		want[i] = row.code
	}
	if !slices.Equal(codes, want) {
		t.Errorf("after the upgrade the codes are %q, want %q", codes, want)
	}
	if n, err := s.UnknownTexts(t.Context(), "s"); n != 2 || err != nil {
		t.Errorf("%d unknown texts, want 2: %v", n, err)
	}
	err := s.write(t.Context(), "change an entry", func(tx tx) error {
		return tx.updateEntry(chat.Conversation{ID: "c", Shop: "s"}, chat.Entry{Seq: 2, Rev: 7, State: chat.Sent})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.read(t.Context(), "list codes", list); err != nil || strings.Join(codes, " ") != "  no_evidence 30003  looking" {
		t.Errorf("after a change the codes are %q, %v", codes, err)
	}
}
