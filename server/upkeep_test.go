package main

import (
	"bytes"
	"encoding/base64"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sidetext/store"
	"sidetext/store/pgtest"
)

// A program is run again and again in one folder.
type program struct {
	*testing.T
	folder  string
	environ []string
}

func inFolder(t *testing.T) *program {
	folder := t.TempDir()
	return &program{t, folder, []string{"SIDETEXT_DATABASE_URL=sqlite:" + filepath.Join(folder, "x.db")}}
}

func (p *program) path(name string) string { return filepath.Join(p.folder, name) }

// does runs a command that goes well and returns what it says.
func (p *program) does(args ...string) string {
	p.Helper()
	var out, errs bytes.Buffer
	if code := run(p.Context(), args, p.environ, &out, &errs); code != 0 {
		p.Fatalf("%v ended with %d: %s", args, code, errs.String())
	}
	return out.String()
}

// refuses runs a command that does not, and whose last line has to say why.
func (p *program) refuses(says string, args ...string) {
	p.Helper()
	var out, errs bytes.Buffer
	code := run(p.Context(), args, p.environ, &out, &errs)
	lines := strings.Split(strings.TrimSpace(errs.String()), "\n")
	if code == 0 || !strings.Contains(lines[len(lines)-1], says) || out.Len() > 0 {
		p.Errorf("%v ended with %d: %s%s", args, code, out.String(), errs.String())
	}
}

func (p *program) write(name, text string) string {
	p.Helper()
	must(p.T, os.WriteFile(p.path(name), []byte(text), 0o600))
	return p.path(name)
}

func TestBackupCommand(t *testing.T) {
	t.Parallel()
	p := inFolder(t)
	p.refuses("there is no database", "backup", p.path("b.db"))
	id := strings.TrimSpace(p.does("shop", "add", "Acme"))
	if output := p.does("backup", p.path("b.db")); !strings.Contains(output, "The copy is complete") || !strings.Contains(output, p.path("x.key")) {
		t.Errorf("it says %q", output)
	}
	p.refuses("file already exists", "backup", p.path("b.db"))
	p.does("backup", p.path("c.db"), "--with-key")
	p.refuses("already exists", "backup", p.path("c.other"), "--with-key") // c.key would be another's
	// With the key beside it a backup is a database like any other.
	p.environ = []string{"SIDETEXT_DATABASE_URL=sqlite:" + p.path("c.db")}
	if output := p.does("restored"); !strings.Contains(output, "can be started") {
		t.Errorf("it says %q", output)
	}
	if output := p.does("shop", "list"); !strings.Contains(output, id) {
		t.Errorf("it says %q", output)
	}
	p.environ = []string{"SIDETEXT_DATABASE_URL=sqlite:" + p.path("b.db")}
	p.refuses("b.key is not", "shop", "list")
}

func TestRekeyCommand(t *testing.T) {
	t.Parallel()
	p := inFolder(t)
	id := strings.TrimSpace(p.does("shop", "add", "Acme"))
	before, err := os.ReadFile(p.path("x.key"))
	must(t, err)
	file := p.write("new", someKey+"\n")
	p.refuses("is not a key", "rekey", "--new-key-file", p.write("bad", "short"))
	old, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(before)))
	must(t, err)
	running, err := store.Open(t.Context(), strings.TrimPrefix(p.environ[0], "SIDETEXT_DATABASE_URL="), old, slog.New(slog.DiscardHandler))
	must(t, err)
	p.refuses("stop it first", "rekey", "--new-key-file", file)
	p.refuses("stop it first", "restored")
	must(t, running.Close())

	p.does("rekey", "--new-key-file", file)
	after, err := os.ReadFile(p.path("x.key"))
	must(t, err)
	saved, err := filepath.Glob(p.path("x.key.until-*"))
	must(t, err)
	if string(after) != someKey+"\n" || len(saved) != 1 {
		t.Fatalf("the key is %q, and %v were kept", after, saved)
	}
	if was, err := os.ReadFile(saved[0]); err != nil || !bytes.Equal(was, before) {
		t.Errorf("the old key is %q %v", was, err)
	}
	if output := p.does("shop", "list"); !strings.Contains(output, id) {
		t.Errorf("it says %q", output)
	}
	p.refuses("in use already", "rekey", "--new-key-file", file)
	// It may have been ended between the database and the file: then it is run again.
	must(t, os.WriteFile(p.path("x.key"), before, 0o600))
	p.refuses("another secret key", "shop", "list")
	p.does("rekey", "--new-key-file", file)
	p.does("shop", "list")
}

func TestMoveCommand(t *testing.T) {
	t.Parallel()
	p := inFolder(t)
	id := strings.TrimSpace(p.does("shop", "add", "Acme"))
	p.refuses("--to", "move")
	to := pgtest.Shared(t).Schema(t)
	if output := p.does("move", "--to-file", p.write("address", to+"\n")); !strings.Contains(output, "\nshops  ") || !strings.Contains(output, "Both databases are identical") {
		t.Errorf("it says %q", output)
	}
	for _, args := range [][]string{{"serve"}, {"shop", "add", "Late"}, {"link"}} {
		p.environ = append(p.environ, "SIDETEXT_PUBLIC_URL=https://sms.example.com", "SIDETEXT_LISTEN=127.0.0.1:0", "SIDETEXT_ADMIN_LISTEN=127.0.0.1:0")
		p.refuses("was moved to PostgreSQL", args...)
	}
	key, err := os.ReadFile(p.path("x.key"))
	must(t, err)
	there := &program{t, p.folder, []string{"SIDETEXT_DATABASE_URL=" + to, "SIDETEXT_SECRET_KEY=" + strings.TrimSpace(string(key))}}
	if output := there.does("shop", "list"); !strings.Contains(output, id) {
		t.Errorf("it says %q", output)
	}
	there.refuses("the SQLite database", "move", "--to", to)
	there.refuses("its own tools", "backup", p.path("b.db"))
	there.does("rekey", "--new-key-file", p.write("new", someKey))
	there.refuses("another secret key", "shop", "list")
	p.does("move", "--undo")
	p.does("shop", "list")
}
