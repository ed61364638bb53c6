package harness

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/jackc/pgx/v5"
	goredis "github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"sidetext/hub/redistest"
	"sidetext/store/pgtest"
)

// A Backend is the database of the nodes and, if there are several nodes, the Redis
// that carries hints between them.
type Backend struct {
	URL      string            // of the database, past everything that is put in its way
	Postgres *pgtest.Server    // nil: SQLite
	Redis    *redistest.Server // nil: there is none
}

// newBackend starts what a plan's nodes need.
func newBackend(t testing.TB, p Plan, file string) *Backend {
	t.Helper()
	if p.Nodes == 0 {
		return &Backend{URL: "sqlite:" + file}
	}
	b := &Backend{Redis: redistest.Start(t)}
	if p.Durable {
		b.Postgres = pgtest.Start(t, "max_connections=200", "recovery_init_sync_method=syncfs")
		b.URL = b.Postgres.URL()
	} else {
		b.Postgres = pgtest.Shared(t)
		b.URL = b.Postgres.Schema(t)
	}
	return b
}

// A database reads and changes a database past the nodes, so that no part of what
// is judged takes part in the judgement.
type database struct {
	query func(text string) (rows, error)
	exec  func(text string) error
	Close func()
}

type rows interface {
	Next() bool
	Scan(...any) error
	Err() error
}

// Open opens the database. With moment, all queries see it at one moment.
func (b *Backend) Open(ctx context.Context, moment bool) (*database, error) {
	if b.Postgres == nil {
		return openSQLite(ctx, strings.TrimPrefix(b.URL, "sqlite:"), moment)
	}
	conn, err := pgx.Connect(ctx, b.URL)
	if err != nil {
		return nil, err
	}
	if moment {
		if _, err := conn.Exec(ctx, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"); err != nil {
			return nil, errors.Join(err, conn.Close(ctx))
		}
	}
	return &database{
		query: func(text string) (rows, error) { return conn.Query(ctx, text) },
		exec:  func(text string) error { _, err := conn.Exec(ctx, text); return err },
		Close: func() { _ = conn.Close(ctx) },
	}, nil
}

func openSQLite(ctx context.Context, path string, moment bool) (*database, error) {
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
	return &database{
		query: func(text string) (rows, error) { return db.QueryContext(ctx, text) },
		exec:  func(text string) error { _, err := db.ExecContext(ctx, text); return err },
		Close: func() { _ = db.Close() },
	}, nil
}

// Each calls read for each row of a query.
func (l *database) Each(query string, read func(scan func(...any) error) error) error {
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

// Exec executes a statement past the nodes.
func (b *Backend) Exec(t testing.TB, statement string) {
	t.Helper()
	l, err := b.Open(context.Background(), false)
	Must(t, err)
	defer l.Close()
	Must(t, l.exec(statement))
}

// proxies stand between one node and its PostgreSQL and Redis.
type proxies struct{ Postgres, Redis *Proxy }

// newProxies makes the proxies of a node; with direct, addresses without a proxy.
func (b *Backend) newProxies(t testing.TB, straight bool) proxies {
	t.Helper()
	switch {
	case b.Postgres == nil:
		return proxies{}
	case straight:
		return proxies{&Proxy{addr: b.Postgres.Addr}, &Proxy{addr: b.Redis.Addr}}
	}
	return proxies{newProxy(t, b.Postgres.Addr), newProxy(t, b.Redis.Addr)}
}

// environ is what a node is told of its database and Redis.
func (b *Backend) env(w proxies) []string {
	if b.Postgres == nil {
		return []string{"SIDETEXT_DATABASE_URL=" + b.URL}
	}
	return []string{
		"SIDETEXT_DATABASE_URL=" + strings.Replace(b.URL, b.Postgres.Addr, w.Postgres.addr, 1),
		"SIDETEXT_REDIS_URL=" + strings.Replace(b.Redis.URL(), b.Redis.Addr, w.Redis.addr, 1),
	}
}

// A Proxy passes connections on, and can make them fail.
type Proxy struct {
	addr  string // where it begins
	proxy *toxiproxy.Proxy
	t     testing.TB
}

func newProxy(t testing.TB, to string) *Proxy {
	t.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	w := &Proxy{t: t, proxy: toxiproxy.NewProxy(server, "way to "+to, "127.0.0.1:0", to)}
	Must(t, w.proxy.Start())
	t.Cleanup(w.proxy.Stop)
	w.addr = w.proxy.Listen
	return w
}

// Drop keeps connections open and drops what is sent in these directions:
// "upstream" is from the node, "downstream" to it.
func (w *Proxy) Drop(directions ...string) {
	for _, to := range directions {
		w.add(fmt.Sprintf(`{"type":"timeout","stream":%q,"attributes":{"timeout":0}}`, to))
	}
}

// Delay delays what is sent to the node, by milliseconds.
func (w *Proxy) Delay(by int) {
	w.add(fmt.Sprintf(`{"type":"latency","stream":"downstream","attributes":{"latency":%d}}`, by))
}

func (w *Proxy) add(toxic string) {
	if _, err := w.proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
		w.t.Error(err)
	}
}

// Clear ends all faults. Connections that Drop has touched are closed.
func (w *Proxy) Clear() { w.proxy.Toxics.ResetToxics(context.Background()) }

// RedisClient returns a client that is connected past the proxies.
func (s *System) RedisClient() *goredis.Client {
	return goredis.NewClient(&goredis.Options{Addr: s.Backend.Redis.Addr, MaxRetries: -1})
}

// Publish publishes a message on every channel that the nodes subscribe to.
func (s *System) Publish(what string) {
	s.T.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), MaxWait)
	defer cancel()
	client := s.RedisClient()
	defer client.Close()
	channels, err := client.PubSubChannels(ctx, "sidetext*").Result()
	Must(s.T, err)
	if len(channels) == 0 {
		s.T.Fatal("no node subscribes")
	}
	for _, channel := range channels {
		Must(s.T, client.Publish(ctx, channel, what).Err())
	}
}

// DropSubscribers closes the connections through which the nodes subscribe.
func (s *System) DropSubscribers() error {
	ctx, cancel := context.WithTimeout(context.Background(), MaxWait)
	defer cancel()
	client := s.RedisClient()
	defer client.Close()
	return client.ClientKillByFilter(ctx, "TYPE", "pubsub").Err()
}
