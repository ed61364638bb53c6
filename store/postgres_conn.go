package store

import (
	"context"
	"errors"
	"regexp"
	"time"

	"github.com/jackc/pgx/v5"
)

// A postgresConn is one connection to PostgreSQL. On one that writes, what nobody
// waits for travels with the next statement whose answer is needed, so that most
// requests cost a few round trips however much they write.
type postgresConn struct {
	engine *postgres
	conn   *pgx.Conn
	writes bool
	life   int64           // the engine's when it was made
	until  time.Time       // it is used
	known  map[string]bool // the statements that it has prepared

	waiting *pgx.Batch // what has not been sent yet
	mark    int        // how much of that is not this request's
	begun   bool       // this request's savepoint has been sent
	group   int        // requests in this transaction so far
}

// A request that comes first may wait for a lock as long as the session lets it,
// and then lets those go first who wait behind it: the lock may be in the hands of a
// node that is frozen. Those after it, while what they hold is wanted by others, only so long.
const hurry = `SET LOCAL lock_timeout = 5`

// alone keeps all others who migrate waiting. What they then do takes its time.
const alone = `BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 60000; SELECT pg_advisory_xact_lock(7237125829741)`

const (
	savepoint = "SAVEPOINT request"
	release   = "RELEASE SAVEPOINT request"
)

func (c *postgresConn) begin(solo bool) error {
	c.group, c.waiting = 0, &pgx.Batch{}
	if solo {
		under(c.conn.PgConn().Conn()).patience.Store(int64(10 * time.Minute))
		return c.simple(alone)
	}
	return c.queue(context.Background(), "BEGIN", nil)
}

func (c *postgresConn) save() error {
	ctx := context.Background()
	if c.group++; c.group == 2 {
		if err := c.queue(ctx, hurry, nil); err != nil {
			return err
		}
	}
	if err := c.prepare(ctx, savepoint); err != nil {
		return err
	}
	c.mark, c.begun = c.waiting.Len(), false
	return c.queue(ctx, savepoint, nil)
}

func (c *postgresConn) keep() error {
	ctx := context.Background()
	if err := c.prepare(ctx, release); err != nil {
		return err
	}
	done := c.waiting.Len() == 0 || !c.begun && c.waiting.Len() == c.mark+1
	if err := c.queue(ctx, release, nil); err != nil || done {
		return err // what has been asked has been answered: this may wait
	}
	return c.flush(ctx)
}

func (c *postgresConn) undo() error {
	if !c.begun {
		c.waiting.QueuedQueries = c.waiting.QueuedQueries[:c.mark]
		return nil
	}
	c.waiting = &pgx.Batch{}
	return c.simple("ROLLBACK TO " + savepoint + "; " + release)
}

func (c *postgresConn) commit() error {
	ctx := context.Background()
	if err := c.queue(ctx, "COMMIT", nil); err != nil {
		return err
	}
	tag, err := end(c.send(ctx))
	if err == nil && tag.String() != "COMMIT" {
		err = errors.New("the database undid it")
	}
	return err
}

// undone knows of one case: the server had ended the transaction before, because
// we were silent in it for too long.
func (c *postgresConn) undone(err error) bool { return code(err) == "25P03" }

var textual = regexp.MustCompile(`\bTEXT\b`)

// script has texts sort by their bytes, as on every engine.
func (c *postgresConn) script(text string) error {
	return c.simple(textual.ReplaceAllString(text, `TEXT COLLATE "C"`))
}

func (c *postgresConn) simple(text string) error {
	c.engine.trips.Add(1)
	_, err := c.conn.PgConn().Exec(context.Background(), text).ReadAll()
	return err
}

func (c *postgresConn) again(err error) bool {
	switch code(err) {
	case "55P03", // somebody else has the lock
		"40P01", "40001", // we were in each other's way
		"23505": // somebody else has just made the same
		return true
	}
	return false
}

// fit also finds a server that has become another, or may not be written any
// more, and has all connections to it made anew.
func (c *postgresConn) fit(err error) bool {
	switch {
	case c.conn.IsClosed() && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)):
		return false // whoever waited does so no longer: that says nothing of the server
	case c.conn.IsClosed(), code(err) == "25006", // it may not write
		code(err) == "0A000", code(err) == "26000": // what was prepared counts no more
		c.engine.life.CompareAndSwap(c.life, c.life+1)
		return false
	case err != nil:
		return true
	}
	return c.life == c.engine.life.Load() && time.Now().Before(c.until)
}

func (c *postgresConn) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = c.conn.Close(ctx)
	gone := c.conn.PgConn().CleanupDone() // c may be another connection by then
	c.engine.closing.Go(func() { <-gone })
}
