package sqldb

import (
	"context"
	"errors"
	"regexp"
	"time"

	"github.com/jackc/pgx/v5"
)

// A postgresConn is a connection that writes. A statement whose result is not
// needed is sent together with the next one whose result is, so that most requests
// cost few round trips however much they write.
type postgresConn struct {
	engine     *postgresEngine
	conn       *pgx.Conn
	generation int64           // the engine's when it was made
	until      time.Time       // when it is to be replaced
	prepared   map[string]bool // by statement

	batch    *pgx.Batch // statements that have not been sent yet
	mark     int        // how many statements of batch belong to earlier requests
	begun    bool       // this request's savepoint has been sent
	requests int        // in this transaction so far
}

// The first request of a transaction may wait for a lock as long as the session
// allows (200 ms), then new requests go first: the lock may be held by a node
// that is frozen. Later requests wait only this long, because other transactions
// may wait for what this one holds.
const shortLockTimeout = `SET LOCAL lock_timeout = 5`

// exclusiveBegin excludes every other process that migrates, for as long as it
// takes.
const exclusiveBegin = `BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 60000; SELECT pg_advisory_xact_lock(7237125829741)`

const (
	savepoint = "SAVEPOINT request"
	release   = "RELEASE SAVEPOINT request"
)

func (c *postgresConn) begin(exclusive bool) error {
	c.requests, c.batch = 0, &pgx.Batch{}
	if exclusive {
		unwrap(c.conn.PgConn().Conn()).limit.Store(int64(10 * time.Minute))
		return c.simple(exclusiveBegin)
	}
	return c.queue(context.Background(), "BEGIN", nil)
}

func (c *postgresConn) savepoint() error {
	ctx := context.Background()
	c.requests++
	if c.requests == 2 {
		if err := c.queue(ctx, shortLockTimeout, nil); err != nil {
			return err
		}
	}
	if err := c.prepare(ctx, savepoint); err != nil {
		return err
	}
	c.mark, c.begun = c.batch.Len(), false
	return c.queue(ctx, savepoint, nil)
}

func (c *postgresConn) release() error {
	ctx := context.Background()
	if err := c.prepare(ctx, release); err != nil {
		return err
	}
	answered := c.batch.Len() == 0 || !c.begun && c.batch.Len() == c.mark+1
	if err := c.queue(ctx, release, nil); err != nil || answered {
		return err // every statement has been answered, so the release may wait
	}
	return c.flush(ctx)
}

func (c *postgresConn) rollback() error {
	if !c.begun {
		c.batch.QueuedQueries = c.batch.QueuedQueries[:c.mark]
		return nil
	}
	c.batch = &pgx.Batch{}
	return c.simple("ROLLBACK TO " + savepoint + "; " + release)
}

func (c *postgresConn) commit() error {
	ctx := context.Background()
	if err := c.queue(ctx, "COMMIT", nil); err != nil {
		return err
	}
	tag, err := lastResult(c.send(ctx))
	if err == nil && tag.String() != "COMMIT" {
		err = errors.New("commit was rolled back")
	}
	return err
}

// rolledBack recognizes one case: the server had ended the transaction before,
// because it was idle for too long (25P03, idle_in_transaction_session_timeout).
func (c *postgresConn) rolledBack(err error) bool { return PostgresCode(err) == "25P03" }

var textType = regexp.MustCompile(`\bTEXT\b`)

// script makes texts sort by their bytes, as SQLite does.
func (c *postgresConn) script(text string) error {
	return c.simple(textType.ReplaceAllString(text, `TEXT COLLATE "C"`))
}

func (c *postgresConn) simple(text string) error {
	c.engine.trips.Add(1)
	_, err := c.conn.PgConn().Exec(context.Background(), text).ReadAll()
	return err
}

func (c *postgresConn) conflict(err error) bool {
	switch PostgresCode(err) {
	case "55P03", // lock timeout
		"40P01", "40001", // deadlock, serialization failure
		"23505": // another transaction inserted the same key
		return true
	}
	return false
}

// usable also notices a server that was replaced or became read-only, and then has
// all connections replaced.
func (c *postgresConn) usable(err error) bool {
	switch {
	case c.conn.IsClosed() && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)):
		return false // a caller's deadline says nothing about the server
	case c.conn.IsClosed(), PostgresCode(err) == "25006", // read-only
		PostgresCode(err) == "0A000", PostgresCode(err) == "26000": // prepared statements are outdated or gone
		c.engine.renew(c.generation)
		return false
	case err != nil:
		return true
	}
	return c.generation == c.engine.generation.Load() && time.Now().Before(c.until)
}

func (c *postgresConn) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = c.conn.Close(ctx)
	done := c.conn.PgConn().CleanupDone()
	c.engine.closing.Go(func() { <-done })
}
