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

// A Backend is the nodes' database and, with several nodes, the Redis that carries
// hints between them.
type Backend struct {
	URL      string            // the database's address, without a proxy
	Postgres *pgtest.Server    // nil with SQLite
	Redis    *redistest.Server // nil without Redis
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

// A database is a direct connection to the database. It uses none of the code under
// test.
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

// Open opens the database. With snapshot, all queries see the same state of it.
func (b *Backend) Open(ctx context.Context, snapshot bool) (*database, error) {
	if b.Postgres == nil {
		return openSQLite(ctx, strings.TrimPrefix(b.URL, "sqlite:"), snapshot)
	}
	conn, err := pgx.Connect(ctx, b.URL)
	if err != nil {
		return nil, err
	}
	if snapshot {
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

func openSQLite(ctx context.Context, path string, snapshot bool) (*database, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(10000)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if snapshot {
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
func (d *database) Each(query string, read func(scan func(...any) error) error) error {
	found, err := d.query(query)
	if err != nil {
		return err
	}
	for err == nil && found.Next() {
		err = read(found.Scan)
	}
	for found.Next() { // rows close themselves after the last
	}
	return errors.Join(err, found.Err())
}

// Exec executes a statement on a direct connection.
func (b *Backend) Exec(t testing.TB, statement string) {
	t.Helper()
	d, err := b.Open(context.Background(), false)
	Must(t, err)
	defer d.Close()
	Must(t, d.exec(statement))
}

// proxies are those between one node and its PostgreSQL and Redis.
type proxies struct{ Postgres, Redis *Proxy }

// newProxies starts the proxies of a node. With direct, it returns the servers' own
// addresses.
func (b *Backend) newProxies(t testing.TB, direct bool) proxies {
	t.Helper()
	switch {
	case b.Postgres == nil:
		return proxies{}
	case direct:
		return proxies{&Proxy{addr: b.Postgres.Addr}, &Proxy{addr: b.Redis.Addr}}
	}
	return proxies{newProxy(t, b.Postgres.Addr), newProxy(t, b.Redis.Addr)}
}

// env returns a node's settings for its database and Redis.
func (b *Backend) env(p proxies) []string {
	if b.Postgres == nil {
		return []string{"SIDETEXT_DATABASE_URL=" + b.URL}
	}
	return []string{
		"SIDETEXT_DATABASE_URL=" + strings.Replace(b.URL, b.Postgres.Addr, p.Postgres.addr, 1),
		"SIDETEXT_REDIS_URL=" + strings.Replace(b.Redis.URL(), b.Redis.Addr, p.Redis.addr, 1),
	}
}

// A Proxy forwards connections and can make them fail.
type Proxy struct {
	addr  string // where it listens
	proxy *toxiproxy.Proxy
	t     testing.TB
}

func newProxy(t testing.TB, to string) *Proxy {
	t.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	p := &Proxy{t: t, proxy: toxiproxy.NewProxy(server, "proxy of "+to, "127.0.0.1:0", to)}
	Must(t, p.proxy.Start())
	t.Cleanup(p.proxy.Stop)
	p.addr = p.proxy.Listen
	return p
}

// Drop keeps connections open and drops the bytes sent in these directions:
// "upstream" is from the node, "downstream" to it.
func (p *Proxy) Drop(directions ...string) {
	for _, direction := range directions {
		p.add(fmt.Sprintf(`{"type":"timeout","stream":%q,"attributes":{"timeout":0}}`, direction))
	}
}

// Delay delays bytes sent to the node, by milliseconds.
func (p *Proxy) Delay(milliseconds int) {
	p.add(fmt.Sprintf(`{"type":"latency","stream":"downstream","attributes":{"latency":%d}}`, milliseconds))
}

func (p *Proxy) add(toxic string) {
	if _, err := p.proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
		p.t.Error(err)
	}
}

// Clear ends all faults. Connections on which Drop had an effect are closed.
func (p *Proxy) Clear() { p.proxy.Toxics.ResetToxics(context.Background()) }

// RedisClient returns a client that is connected without a proxy.
func (s *System) RedisClient() *goredis.Client {
	return goredis.NewClient(&goredis.Options{Addr: s.Backend.Redis.Addr, MaxRetries: -1})
}

// Publish publishes a message on every channel that the nodes subscribe to.
func (s *System) Publish(message string) {
	s.T.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), MaxWait)
	defer cancel()
	client := s.RedisClient()
	defer client.Close()
	channels, err := client.PubSubChannels(ctx, "sidetext*").Result()
	Must(s.T, err)
	if len(channels) == 0 {
		s.T.Fatal("no node has subscribed")
	}
	for _, channel := range channels {
		Must(s.T, client.Publish(ctx, channel, message).Err())
	}
}

// DropSubscribers closes the nodes' Pub/Sub connections.
func (s *System) DropSubscribers() error {
	ctx, cancel := context.WithTimeout(context.Background(), MaxWait)
	defer cancel()
	client := s.RedisClient()
	defer client.Close()
	return client.ClientKillByFilter(ctx, "TYPE", "pubsub").Err()
}
