package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"

	"sidetext/hub/redistest"
	"sidetext/store/pgtest"
)

// A base is what the nodes of a siege rest on: a database and, when it is one for
// many nodes, a Redis by which they tell each other.
type base struct {
	url      string            // of the database, past everything that is put in its way
	postgres *pgtest.Server    // nil: SQLite
	redis    *redistest.Server // nil: there is none
}

// newBase starts what a plan's nodes rest on.
func newBase(t testing.TB, p plan, file string) *base {
	t.Helper()
	if p.nodes == 0 {
		return &base{url: "sqlite:" + file}
	}
	b := &base{redis: redistest.Start(t)}
	if p.durable {
		b.postgres = pgtest.Start(t, "max_connections=200", "recovery_init_sync_method=syncfs")
		b.url = b.postgres.URL()
	} else {
		b.postgres = pgtest.Shared(t)
		b.url = b.postgres.Schema(t)
	}
	return b
}

// A ledger reads and changes the database past all servers: what judges them must
// not be a part of them.
type ledger struct {
	query func(text string) (rows, error)
	do    func(text string) error
	close func()
}

type rows interface {
	Next() bool
	Scan(...any) error
	Err() error
}

// open opens the database. What is read in one moment belongs together.
func (b *base) open(ctx context.Context, moment bool) (*ledger, error) {
	if b.postgres == nil {
		return openSQLite(ctx, strings.TrimPrefix(b.url, "sqlite:"), moment)
	}
	conn, err := pgx.Connect(ctx, b.url)
	if err != nil {
		return nil, err
	}
	if moment {
		if _, err := conn.Exec(ctx, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"); err != nil {
			return nil, errors.Join(err, conn.Close(ctx))
		}
	}
	return &ledger{
		query: func(text string) (rows, error) { return conn.Query(ctx, text) },
		do:    func(text string) error { _, err := conn.Exec(ctx, text); return err },
		close: func() { _ = conn.Close(ctx) },
	}, nil
}

func openSQLite(ctx context.Context, path string, moment bool) (*ledger, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(10000)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if moment {
		if _, err := db.ExecContext(ctx, "BEGIN"); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	return &ledger{
		query: func(text string) (rows, error) { return db.QueryContext(ctx, text) },
		do:    func(text string) error { _, err := db.ExecContext(ctx, text); return err },
		close: func() { _ = db.Close() },
	}, nil
}

// each reads all rows of a query.
func (l *ledger) each(query string, read func(scan func(...any) error) error) error {
	found, err := l.query(query)
	if err != nil {
		return err
	}
	for err == nil && found.Next() {
		err = read(found.Scan)
	}
	for found.Next() { // to its end, where it closes itself
	}
	return errors.Join(err, found.Err())
}

// do executes a statement past all servers.
func (b *base) do(t testing.TB, statement string) {
	t.Helper()
	l, err := b.open(context.Background(), false)
	must(t, err)
	defer l.close()
	must(t, l.do(statement))
}

// Ways are a node's own ways to what it rests on.
type ways struct{ postgres, redis *way }

// newWays makes ways that nothing is in the way of; straight ones stay so.
func (b *base) newWays(t testing.TB, straight bool) ways {
	t.Helper()
	switch {
	case b.postgres == nil:
		return ways{}
	case straight:
		return ways{&way{addr: b.postgres.Addr}, &way{addr: b.redis.Addr}}
	}
	return ways{newWay(t, b.postgres.Addr), newWay(t, b.redis.Addr)}
}

// environ is what a node is told of its database and Redis.
func (b *base) environ(w ways) []string {
	if b.postgres == nil {
		return []string{"SIDETEXT_DATABASE_URL=" + b.url}
	}
	return []string{
		"SIDETEXT_DATABASE_URL=" + strings.Replace(b.url, b.postgres.Addr, w.postgres.addr, 1),
		"SIDETEXT_REDIS_URL=" + strings.Replace(b.redis.URL(), b.redis.Addr, w.redis.addr, 1),
	}
}

// A way is a network between a node and a server.
type way struct {
	addr  string // where it begins
	proxy *toxiproxy.Proxy
	t     testing.TB
}

func newWay(t testing.TB, to string) *way {
	t.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	w := &way{t: t, proxy: toxiproxy.NewProxy(server, "way to "+to, "127.0.0.1:0", to)}
	must(t, w.proxy.Start())
	t.Cleanup(w.proxy.Stop)
	w.addr = w.proxy.Listen
	return w
}

// swallow lets connections stand, but nothing arrives any more: in the direction
// "upstream", from the node, or "downstream", to it.
func (w *way) swallow(directions ...string) {
	for _, to := range directions {
		w.add(fmt.Sprintf(`{"type":"timeout","stream":%q,"attributes":{"timeout":0}}`, to))
	}
}

// slow makes everything that comes back late, by so many milliseconds.
func (w *way) slow(by int) {
	w.add(fmt.Sprintf(`{"type":"latency","stream":"downstream","attributes":{"latency":%d}}`, by))
}

func (w *way) add(toxic string) {
	if _, err := w.proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
		w.t.Error(err)
	}
}

// clear takes away everything that is in the way. Connections through which
// something was swallowed end.
func (w *way) clear() { w.proxy.Toxics.ResetToxics(context.Background()) }
