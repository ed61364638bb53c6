package fleet_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"sidetext/hub/redistest"
	"sidetext/server/e2e/harness"
	"sidetext/store"
	"sidetext/store/pgtest"
)

// Exit codes of the program.
const (
	exitFailed = 1
	exitUsage  = 2
)

// starting runs the program with settings of a node that can't start, and returns
// its exit code and what it wrote to standard error.
func runRefused(t *testing.T, database, redis string) (code int, said string) {
	t.Helper()
	ctx := t.Context()
	cmd := exec.CommandContext(ctx, harness.Binary(t))
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "SIDETEXT_LISTEN=127.0.0.1:0", "SIDETEXT_ADMIN_LISTEN=127.0.0.1:0", "SIDETEXT_PUBLIC_URL=http://127.0.0.1",
		"SIDETEXT_LOG=text,error", "SIDETEXT_SECRET_KEY=" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32)), "SIDETEXT_DATABASE_URL=" + database, "SIDETEXT_REDIS_URL=" + redis,
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	err := cmd.Run()
	var ended *exec.ExitError
	if !errors.As(err, &ended) {
		t.Fatalf("it did not refuse to start: %v %s", err, &stderr)
	}
	for line := range strings.Lines(stderr.String()) {
		if !strings.Contains(line, "PostgreSQL runs with") { // as that of the tests does
			said += line
		}
	}
	return ended.ExitCode(), strings.TrimSpace(said)
}

// TestFleetStart: a node that can't work with what it is given says in one line
// why, without any password, and ends.
func TestFleetStart(t *testing.T) {
	t.Parallel()
	shared := pgtest.Shared(t)
	good := shared.Schema(t)
	newer := shared.Schema(t)
	s := &harness.System{T: t, Key: bytes.Repeat([]byte{7}, 32), Backend: &harness.Backend{URL: newer, Postgres: shared}}
	s.WithStore(func(context.Context, *store.Store) error { return nil })
	s.Backend.Exec(t, `INSERT INTO migrations (name) VALUES ('9999_from_the_future.sql')`)
	locked := redistest.Start(t, "--requirepass", "hunter2")
	const password = "hunter3"
	for name, test := range map[string]struct {
		database, redis, want string
		code                  int
	}{
		"a newer database":       {newer, "", "9999", exitFailed},
		"no such database":       {"postgres://sidetext:" + password + "@" + shared.Addr + "/nowhere?sslmode=disable", "", `no database "nowhere"`, exitFailed},
		"no such user":           {"postgres://ghost:" + password + "@" + shared.Addr + "/postgres?sslmode=disable", "", "no such user", exitFailed},
		"nobody there":           {"postgres://sidetext:" + password + "@127.0.0.1:1/postgres?sslmode=disable", "", "127.0.0.1:1", exitFailed},
		"no address of Postgres": {"postgres://sidetext:" + password + "@%zz/", "", "SIDETEXT_DATABASE_URL", exitUsage},
		"no address of Redis":    {good, "redis://:" + password + "@%zz", "SIDETEXT_REDIS_URL", exitUsage},
		"not Redis":              {good, "http://:" + password + "@127.0.0.1", "SIDETEXT_REDIS_URL", exitUsage},
		"a wrong Redis password": {good, strings.Replace(locked.URL(), "//", "//:"+password+"@", 1), "password", exitFailed},
		"a missing password":     {good, locked.URL(), "requires a password", exitFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, said := runRefused(t, test.database, test.redis)
			t.Logf("%d: %s", code, said)
			if code != test.code || !strings.Contains(said, test.want) {
				t.Errorf("it ended with %d and said %q", code, said)
			}
			if strings.Contains(said, password) || strings.Contains(said, "hunter2") {
				t.Error("it said the password")
			}
			lines := strings.Split(said, "\n")
			if code == exitUsage {
				lines = lines[1:] // the headline over all mistakes
			}
			if len(lines) != 1 {
				t.Errorf("it said %d lines", len(lines))
			}
		})
	}
}

// TestFleetWithoutRedis: a node starts while Redis is away, and says so.
func TestFleetWithoutRedis(t *testing.T) {
	t.Parallel()
	s := newFleet(t, harness.Plan{Shoppers: 8, Nodes: 2})
	s.Backend.Redis.Kill()
	s.Start()
	for _, n := range s.Nodes {
		harness.Until(t, "a node says that it is degraded", func() bool { return strings.HasPrefix(n.Readiness(), "200 degraded") })
	}
	s.textCrossesNodes(s.Nodes[0], s.Nodes[1])
	s.endsSession(s.Nodes[0], s.Nodes[1])
	s.Backend.Redis.Restart(t)
	for _, n := range s.Nodes {
		harness.Until(t, "a node is well", func() bool { return strings.HasPrefix(n.Readiness(), "200 ready") })
	}
}
