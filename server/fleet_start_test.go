package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"sidetext/hub/redistest"
	"sidetext/store"
	"sidetext/store/pgtest"
)

// starting runs the program with settings of a node that can't start, and returns
// its exit code and what it wrote to standard error.
func starting(t *testing.T, database, redis string) (code int, said string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = []string{
		"TEST_AS_SERVER=1", "PATH=" + os.Getenv("PATH"), "SIDETEXT_LISTEN=127.0.0.1:0", "SIDETEXT_ADMIN_LISTEN=127.0.0.1:0", "SIDETEXT_PUBLIC_URL=http://127.0.0.1",
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
	s := &siege{t: t, key: bytes.Repeat([]byte{7}, 32), base: &base{url: newer, postgres: shared}}
	s.within(func(context.Context, *store.Store) error { return nil })
	s.base.do(t, `INSERT INTO migrations (name) VALUES ('9999_from_the_future.sql')`)
	locked := redistest.Start(t, "--requirepass", "hunter2")
	const password = "hunter3"
	for name, test := range map[string]struct {
		database, redis, want string
		code                  int
	}{
		"a newer database":       {newer, "", "9999", wentWrong},
		"no such database":       {"postgres://sidetext:" + password + "@" + shared.Addr + "/nowhere?sslmode=disable", "", `no database "nowhere"`, wentWrong},
		"no such user":           {"postgres://ghost:" + password + "@" + shared.Addr + "/postgres?sslmode=disable", "", "no such user", wentWrong},
		"nobody there":           {"postgres://sidetext:" + password + "@127.0.0.1:1/postgres?sslmode=disable", "", "127.0.0.1:1", wentWrong},
		"no address of Postgres": {"postgres://sidetext:" + password + "@%zz/", "", "SIDETEXT_DATABASE_URL", misused},
		"no address of Redis":    {good, "redis://:" + password + "@%zz", "SIDETEXT_REDIS_URL", misused},
		"not Redis":              {good, "http://:" + password + "@127.0.0.1", "SIDETEXT_REDIS_URL", misused},
		"a wrong Redis password": {good, strings.Replace(locked.URL(), "//", "//:"+password+"@", 1), "password", wentWrong},
		"a missing password":     {good, locked.URL(), "requires a password", wentWrong},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, said := starting(t, test.database, test.redis)
			t.Logf("%d: %s", code, said)
			if code != test.code || !strings.Contains(said, test.want) {
				t.Errorf("it ended with %d and said %q", code, said)
			}
			if strings.Contains(said, password) || strings.Contains(said, "hunter2") {
				t.Error("it said the password")
			}
			lines := strings.Split(said, "\n")
			if code == misused {
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
	s := besiege(t, plan{shoppers: 8, nodes: 2})
	s.base.redis.Kill()
	s.begin()
	for _, n := range s.nodes {
		until(t, soon, "a node says that it is degraded", func() bool { return strings.HasPrefix(n.answer(), "200 degraded") })
	}
	s.crosses(s.nodes[0], s.nodes[1])
	s.endsSession(s.nodes[0], s.nodes[1])
	s.base.redis.Restart(t)
	for _, n := range s.nodes {
		until(t, 3*soon, "a node is well", func() bool { return strings.HasPrefix(n.answer(), "200 ready") })
	}
}
