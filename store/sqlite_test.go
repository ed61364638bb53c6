package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"sidetext/chat"
)

// Every connection, of the writer and of each reader, does what was promised.
func TestPragmas(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	said := func(ask func(string) string) map[string]string {
		all := map[string]string{}
		for _, p := range (sqlite{}).pragmas() {
			all[p.name] = ask(p.name)
		}
		return all
	}
	same := func(who, queryOnly string, got map[string]string) {
		want := map[string]string{
			"busy_timeout": "5000", "journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1", "temp_store": "2", "query_only": queryOnly,
		}
		for name, value := range want {
			if got[name] != value {
				t.Errorf("%s runs with %s=%s", who, name, got[name])
			}
		}
	}
	for range 2 { // the second time on another connection
		if err := s.writer.do(t.Context(), func(l link) error {
			same("the writer", "0", said(func(name string) (value string) {
				if err := l.row("PRAGMA " + name).Scan(&value); err != nil {
					t.Error(err)
				}
				return value
			}))
			_, _ = l.exec("ROLLBACK") // and with it the connection
			return nil
		}); err == nil {
			t.Error("a transaction that was ended under it was committed")
		}
	}
	var conns []*sql.Conn
	for range readers {
		conn, err := s.reader.db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, conn)
		same("a reader", "1", said(func(name string) (value string) {
			if err := conn.QueryRowContext(t.Context(), "PRAGMA "+name).Scan(&value); err != nil {
				t.Error(err)
			}
			return value
		}))
		if _, err := conn.ExecContext(t.Context(), "UPDATE about SET value = ''"); err == nil {
			t.Error("a reader wrote")
		}
	}
	for _, conn := range conns {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A liar is a connection that answers one pragma otherwise.
type liar struct {
	driver.QueryerContext
	name, says string
}

func (l liar) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if query == "PRAGMA "+l.name {
		return &answer{value: l.says}, nil
	}
	return l.QueryerContext.QueryContext(ctx, query, args)
}

type answer struct{ value string }

func (*answer) Columns() []string { return []string{"value"} }
func (*answer) Close() error      { return nil }
func (a *answer) Next(to []driver.Value) error {
	if a.value == "" {
		return io.EOF
	}
	to[0], a.value = a.value, ""
	return nil
}

func TestConnectionThatReportsOtherwise(t *testing.T) {
	t.Parallel()
	file := sqlite{filepath.Join(t.TempDir(), "test.db"), true}
	conn, err := file.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	honest := conn.(driver.QueryerContext)
	if err := file.check(t.Context(), honest); err != nil {
		t.Error(err)
	}
	for name, says := range map[string]string{"busy_timeout": "0", "journal_mode": "delete", "synchronous": "1", "foreign_keys": "0", "secure_delete": "0", "temp_store": "0", "query_only": "1", "": ""} {
		if name == "" {
			name = "synchronous" // and says nothing at all
		}
		if err := file.check(t.Context(), liar{honest, name, says}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s=%s: %v", name, says, err)
		}
	}
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "te st?&#%41.db")
	var opening sync.WaitGroup
	stores := make([]*Store, 4)
	for i := range stores { // at once
		opening.Go(func() {
			var err error
			if stores[i], err = Open(context.Background(), "sqlite:"+path, make([]byte, 32), slog.New(slog.DiscardHandler)); err != nil {
				t.Error(err)
			}
		})
	}
	opening.Wait()
	if t.Failed() {
		return
	}
	for _, s := range stores {
		if s.Epoch() != stores[0].Epoch() {
			t.Error("one database with two epochs")
		}
		if err := s.Ready(t.Context()); err != nil {
			t.Error(err)
		}
	}
	for _, s := range stores {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{filepath.Dir(path), path} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("others may read %s: %v %v", name, info.Mode(), err)
		}
	}
	// Again, with something in it, and with a migration that only a later
	// version knows.
	s, err := Open(t.Context(), "sqlite:"+path, make([]byte, 32), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.writer.do(t.Context(), func(l link) error {
		_, err := l.exec(`INSERT INTO migrations (name) VALUES ('migrations/9999_later.sql')`)
		return err
	}); err != nil {
		t.Error(err)
	}
	epoch := s.Epoch()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if s, err = Open(t.Context(), "sqlite:"+path, make([]byte, 32), slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if s.Epoch() != epoch {
		t.Error("another epoch after opening again")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	good := "sqlite:" + filepath.Join(t.TempDir(), "test.db")
	s, err := Open(t.Context(), good, make([]byte, 32), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	other := make([]byte, 32)
	other[31] = 1
	text := filepath.Join(t.TempDir(), "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("This is no database. ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		url  string
		key  []byte
		says string
	}{
		"another key":   {good, other, "SIDETEXT_SECRET_KEY"},
		"a short key":   {good, make([]byte, 31), "32 bytes"},
		"no key":        {good, nil, "32 bytes"},
		"no path":       {"sqlite:", other, "sqlite:PATH"},
		"an other kind": {"mysql://x", other, "sqlite:PATH"},
		"a folder":      {"sqlite:" + t.TempDir(), other, "store: "},
		"no database":   {"sqlite:" + text, other, "store: "},
	} {
		s, err := Open(t.Context(), test.url, test.key, slog.New(slog.DiscardHandler))
		if err == nil {
			_ = s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// While another process writes, callers are told so in time, reading goes on,
// and afterwards everything works without opening the store again.
func TestLocked(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	other := sql.OpenDB(sqlite{file(t, s), true})
	defer other.Close()
	conn, err := other.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	var asking sync.WaitGroup
	for range 5 { // each would take five seconds if they failed one by one
		asking.Go(func() {
			if err := s.Ready(t.Context()); !errors.Is(explain("write", err), chat.ErrUnavailable) {
				t.Errorf("locked: %v", err)
			}
		})
	}
	if s.noted(t, "nothing") {
		t.Error("there is something")
	}
	asking.Wait()
	if _, err := conn.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := s.write(t.Context(), "write", note("afterwards")); err != nil || !s.noted(t, "afterwards") {
		t.Errorf("afterwards: %v", err)
	}
}

// file asks the engine where the database is.
func file(t *testing.T, s *Store) (path string) {
	t.Helper()
	if err := s.read(t.Context(), "ask", func(l link) error {
		return l.row("SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&path)
	}); err != nil {
		t.Fatal(err)
	}
	return path
}

// Another process that opens and closes the database must find that it is in
// use, also after the writer has had to connect again: else it would take the
// log of changes away.
func TestReconnectKeepsLocks(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	path := file(t, s)
	if err := s.writer.do(t.Context(), func(l link) error { _, err := l.exec("ROLLBACK"); return err }); err == nil {
		t.Fatal("the writer had no reason to connect again")
	}
	if err := s.write(t.Context(), "write", note("kept")); err != nil {
		t.Fatal(err)
	}
	locks, err := os.ReadFile("/proc/locks")
	if err != nil {
		t.Skip("only Linux tells its locks")
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if !holds(string(locks), inode(info)) {
		t.Errorf("this process holds no lock on the database:\n%s", locks)
	}
}

// What is sealed is nowhere to be read, and opens only where it belongs.
func TestSealed(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	ctx, path := t.Context(), file(t, s)
	const token, apiKey, shared = "twilio-token-in-plain", "gorgias-key-in-plain", "shared-secret-in-plain"
	var shops []chat.Shop
	for _, name := range []string{"one", "two"} {
		shop, err := s.AddShop(ctx, name, noonish)
		if err != nil {
			t.Fatal(err)
		}
		shops = append(shops, shop)
		err = errors.Join(
			s.SaveLine(ctx, chat.Line{ID: chat.LineID(name), Shop: shop.ID, Number: "+1415", Provider: "twilio", Account: name, Token: token, Endpoint: name}),
			s.SaveHelpdesk(ctx, chat.Helpdesk{Shop: shop.ID, Key: apiKey, Secret: shared, Endpoint: name}, noonish))
		if err != nil {
			t.Fatal(err)
		}
	}
	var found bool
	for _, name := range []string{path, path + "-wal"} {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		found = found || strings.Contains(string(raw), "two") // so we look in the right place
		for _, secret := range []string{token, apiKey, shared} {
			if strings.Contains(string(raw), secret) {
				t.Errorf("%s is in %s", secret, name)
			}
		}
	}
	if !found {
		t.Error("the files hold nothing")
	}
	for name, move := range map[string]string{
		"a line's token":          `UPDATE lines SET token = (SELECT token FROM lines l WHERE l.shop <> lines.shop)`,
		"a key":                   `UPDATE helpdesks SET api_key = (SELECT api_key FROM helpdesks h WHERE h.shop <> helpdesks.shop)`,
		"a key in another column": `UPDATE helpdesks SET secret = api_key`,
		"a piece of it":           `UPDATE helpdesks SET secret = 'AAAA'`,
		"what is no base64":       `UPDATE helpdesks SET secret = '?'`,
	} {
		var before, after error
		moved := errors.New("undo")
		err := s.writer.do(ctx, func(l link) error {
			check := func() error {
				_, err := s.door(l, `l.endpoint = $1`, "one")
				if err == nil {
					_, err = s.scanHelpdesk(l.row(helpdeskQuery+`shop = $1`, string(shops[0].ID)))
				}
				return err
			}
			before = check()
			if _, err := l.exec(move); err != nil {
				return err
			}
			after = check()
			return moved
		})
		if !errors.Is(err, moved) || before != nil || after == nil {
			t.Errorf("%s: before %v, after %v (%v)", name, before, after, err)
		}
	}
}
