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

// runRefused runs the program with settings with which it cannot start, and returns its
// exit code and its standard error.
func runRefused(t *testing.T, database, redis string) (code int, message string) {
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
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		t.Fatalf("the program started: %v %s", err, &stderr)
	}
	for line := range strings.Lines(stderr.String()) {
		if !strings.Contains(line, "PostgreSQL runs with") { // a warning about the tests' own PostgreSQL
			message += line
		}
	}
	return exit.ExitCode(), strings.TrimSpace(message)
}

// TestFleetStart checks that a node which cannot start with its settings says why in one
// line, without any password, and exits.
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
		"newer database":         {newer, "", "9999", exitFailed},
		"no such database":       {"postgres://sidetext:" + password + "@" + shared.Addr + "/nowhere?sslmode=disable", "", `no database "nowhere"`, exitFailed},
		"no such user":           {"postgres://ghost:" + password + "@" + shared.Addr + "/postgres?sslmode=disable", "", "no such user", exitFailed},
		"connection refused":     {"postgres://sidetext:" + password + "@127.0.0.1:1/postgres?sslmode=disable", "", "127.0.0.1:1", exitFailed},
		"invalid Postgres URL":   {"postgres://sidetext:" + password + "@%zz/", "", "SIDETEXT_DATABASE_URL", exitUsage},
		"invalid Redis URL":      {good, "redis://:" + password + "@%zz", "SIDETEXT_REDIS_URL", exitUsage},
		"wrong Redis scheme":     {good, "http://:" + password + "@127.0.0.1", "SIDETEXT_REDIS_URL", exitUsage},
		"wrong Redis password":   {good, strings.Replace(locked.URL(), "//", "//:"+password+"@", 1), "password", exitFailed},
		"missing Redis password": {good, locked.URL(), "requires a password", exitFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, message := runRefused(t, test.database, test.redis)
			t.Logf("%d: %s", code, message)
			if code != test.code || !strings.Contains(message, test.want) {
				t.Errorf("got exit code %d and %q, want %d and %q", code, message, test.code, test.want)
			}
			if strings.Contains(message, password) || strings.Contains(message, "hunter2") {
				t.Error("the message contains the password")
			}
			lines := strings.Split(message, "\n")
			if code == exitUsage {
				lines = lines[1:] // the headline above all mistakes
			}
			if len(lines) != 1 {
				t.Errorf("got %d lines, want 1", len(lines))
			}
		})
	}
}

// TestFleetWithoutRedis checks that nodes start while Redis is down, work, and report
// that they are degraded.
func TestFleetWithoutRedis(t *testing.T) {
	t.Parallel()
	s := newFleet(t, harness.Plan{Shoppers: 8, Nodes: 2})
	s.Backend.Redis.Kill()
	s.Start()
	for _, n := range s.Nodes {
		harness.Until(t, "a node is degraded", func() bool { return strings.HasPrefix(n.Readiness(), "200 degraded") })
	}
	s.textCrossesNodes(s.Nodes[0], s.Nodes[1])
	s.endsSession(s.Nodes[0], s.Nodes[1])
	s.Backend.Redis.Restart(t)
	for _, n := range s.Nodes {
		harness.Until(t, "a node is ready", func() bool { return strings.HasPrefix(n.Readiness(), "200 ready") })
	}
}
