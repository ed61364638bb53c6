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

// A base is what the nodes of a siege rest on: a database and, when it is one for
// many nodes, a Redis by which they tell each other.
type Backend struct {
	URL      string            // of the database, past everything that is put in its way
	Postgres *pgtest.Server    // nil: SQLite
	Redis    *redistest.Server // nil: there is none
}

// newBase starts what a plan's nodes rest on.
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

// A ledger reads and changes the database past all servers: what judges them must
// not be a part of them.
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

// open opens the database. What is read in one moment belongs together.
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

// each reads all rows of a query.
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

// do executes a statement past all servers.
func (b *Backend) Exec(t testing.TB, statement string) {
	t.Helper()
	l, err := b.Open(context.Background(), false)
	Must(t, err)
	defer l.Close()
	Must(t, l.exec(statement))
}

// Ways are a node's own ways to what it rests on.
type proxies struct{ Postgres, Redis *Proxy }

// newWays makes ways that nothing is in the way of; straight ones stay so.
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
func (b *Backend) environ(w proxies) []string {
	if b.Postgres == nil {
		return []string{"SIDETEXT_DATABASE_URL=" + b.URL}
	}
	return []string{
		"SIDETEXT_DATABASE_URL=" + strings.Replace(b.URL, b.Postgres.Addr, w.Postgres.addr, 1),
		"SIDETEXT_REDIS_URL=" + strings.Replace(b.Redis.URL(), b.Redis.Addr, w.Redis.addr, 1),
	}
}

// A way is a network between a node and a server.
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

// swallow lets connections stand, but nothing arrives any more: in the direction
// "upstream", from the node, or "downstream", to it.
func (w *Proxy) Drop(directions ...string) {
	for _, to := range directions {
		w.add(fmt.Sprintf(`{"type":"timeout","stream":%q,"attributes":{"timeout":0}}`, to))
	}
}

// slow makes everything that comes back late, by so many milliseconds.
func (w *Proxy) Delay(by int) {
	w.add(fmt.Sprintf(`{"type":"latency","stream":"downstream","attributes":{"latency":%d}}`, by))
}

func (w *Proxy) add(toxic string) {
	if _, err := w.proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
		w.t.Error(err)
	}
}

// clear takes away everything that is in the way. Connections through which
// something was swallowed end.
func (w *Proxy) Clear() { w.proxy.Toxics.ResetToxics(context.Background()) }

// client is a connection to the siege's Redis past all ways.
func (s *System) RedisClient() *goredis.Client {
	return goredis.NewClient(&goredis.Options{Addr: s.Backend.Redis.Addr, MaxRetries: -1})
}

// publish says something on every channel that the nodes listen to.
func (s *System) Publish(what string) {
	s.T.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), LastResort)
	defer cancel()
	client := s.RedisClient()
	defer client.Close()
	channels, err := client.PubSubChannels(ctx, "sidetext*").Result()
	Must(s.T, err)
	if len(channels) == 0 {
		s.T.Fatal("nobody listens")
	}
	for _, channel := range channels {
		Must(s.T, client.Publish(ctx, channel, what).Err())
	}
}

// hangUp ends the connections by which the nodes listen.
func (s *System) DropSubscribers() error {
	ctx, cancel := context.WithTimeout(context.Background(), LastResort)
	defer cancel()
	client := s.RedisClient()
	defer client.Close()
	return client.ClientKillByFilter(ctx, "TYPE", "pubsub").Err()
}
