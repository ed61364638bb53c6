package sqldb

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A postgresEngine is one PostgreSQL database.
type postgresEngine struct {
	config *pgx.ConnConfig
	log    *slog.Logger
	count  int // of connections that write

	// generation grows when the server was replaced or became read-only.
	// Connections of an older generation are not used again.
	generation atomic.Int64
	pool       *pgxpool.Pool // of connections that read; nil until openReader
	warnOnce   sync.Once
	closing    sync.WaitGroup // connections that are being closed
	conns      deadlineConns
	trips      atomic.Int64 // round trips so far, for tests and benchmarks
}

const (
	dialTimeout = 2 * time.Second
	// answerTimeout is how long one answer may take. After it the server counts as
	// gone.
	answerTimeout = 5 * time.Second
	// maxConnLifetime is how long a connection is used, so that connections follow a
	// database that moved to another machine.
	maxConnLifetime = 30 * time.Minute
	postgresReaders = 8
	// oldestPostgres is the oldest major version that has every feature we use.
	oldestPostgres = 14
)

func newPostgres(address string, log *slog.Logger) (*postgresEngine, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err) // pgx leaves the password out
	}
	config.ConnectTimeout = dialTimeout
	// Every statement is prepared by name, once for each connection.
	config.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	config.StatementCacheCapacity, config.DescriptionCacheCapacity = 0, 64
	// Of several servers in the address, use only one that accepts writes.
	config.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "sidetext"
	}
	e := &postgresEngine{config: config, log: log, count: 2}
	config.DialFunc = e.conns.dial
	return e, nil
}

func (e *postgresEngine) writers() int      { return e.count }
func (e *postgresEngine) roundTrips() int64 { return e.trips.Load() }

// find leaves it to connect to report a database that is missing.
func (*postgresEngine) find(bool) error { return nil }

func (e *postgresEngine) close() error {
	e.conns.closeAll()
	e.closing.Wait()
	return nil
}

func (e *postgresEngine) connect(ctx context.Context) (conn, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	generation := e.generation.Load()
	raw, err := pgx.ConnectConfig(ctx, e.config)
	if err != nil {
		return nil, err
	}
	c := &postgresConn{engine: e, conn: raw, generation: generation, until: time.Now().Add(maxConnLifetime), prepared: map[string]bool{}, batch: &pgx.Batch{}}
	if err := e.setUp(ctx, raw, false); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// renew replaces every connection of this generation. It does nothing if they have
// been replaced already.
func (e *postgresEngine) renew(generation int64) {
	if e.generation.CompareAndSwap(generation, generation+1) && e.pool != nil {
		e.pool.Reset()
	}
}

func (*postgresEngine) now(tx Tx) (time.Time, error) {
	var micros int64
	err := tx.Row(`SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint`).Scan(&micros)
	return time.UnixMicro(micros).UTC(), err
}

// busy reports whether a server is likely to take connections soon.
func (*postgresEngine) busy(err error) bool {
	switch PostgresCode(err) {
	case "57P03", // cannot_connect_now: it is starting or stopping
		"53300": // too_many_connections
		return true
	}
	return errors.Is(err, pgconn.ErrReadOnlyConnection) // a standby that may be about to be promoted
}
