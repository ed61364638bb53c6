package sqldb

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

// IdleTransactionTimeout is how long a transaction may be idle before the
// server ends it.
const IdleTransactionTimeout = 2 * time.Second

// sessionSettings is the query that overrides the server's settings for a connection
// and reads those that setUp checks.
//
// The server ends a statement before the client's answerTimeout, and soon ends
// an idle transaction, which releases the locks of a node that is suspended or cut
// off. A node that was only slow runs the transaction again.
//
// Sequential scans are off because every query has its index. While tables are new
// and without statistics, the server plans to scan them, and keeps that plan for
// the prepared statement after they have grown. Measured without sequential scans:
// 18 instead of 240 µs for each text, and 330 instead of 235 answered texts a second
// in BenchmarkReceive/postgres, which begins with a new database (median of three
// alternating runs on two busy cores).
var sessionSettings = `SELECT current_setting('server_version_num')::int, current_setting('server_version'),
	current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'), current_setting('server_encoding'),
	set_config('statement_timeout', '4500', false), set_config('lock_timeout', '200', false),
	set_config('idle_in_transaction_session_timeout', '` + strconv.FormatInt(IdleTransactionTimeout.Milliseconds(), 10) + `', false), set_config('client_min_messages', 'warning', false),
	set_config('tcp_user_timeout', '10000', false), set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false),
	set_config('enable_seqscan', 'off', false),
	set_config('default_transaction_isolation', 'read committed', false), set_config('standard_conforming_strings', 'on', false),
	set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)`

// readerSettings is added for a connection that only reads. The only locks that it
// waits for are those of a schema change.
const readerSettings = `, set_config('default_transaction_read_only', 'on', false), set_config('lock_timeout', '2000', false)`

// setUp prepares a session and checks the server.
func (e *postgresEngine) setUp(ctx context.Context, conn *pgx.Conn, readOnly bool) error {
	var number int
	var version, fsync, fullPageWrites, commits, encoding string
	query := sessionSettings
	if readOnly {
		query += readerSettings
	}
	rows, err := conn.Query(ctx, query, pgx.QueryExecModeExec) // runs once: not worth a prepared statement
	if err == nil {
		rows.Next()
		err = rows.Err()
	}
	if err == nil {
		skip := make([]any, len(rows.FieldDescriptions())-6)
		err = rows.Scan(append([]any{&number, &version, &fsync, &fullPageWrites, &commits, &encoding}, skip...)...)
	}
	if rows != nil {
		rows.Close()
	}
	if err != nil {
		return fmt.Errorf("store: set up a connection: %w", err)
	}
	if err := checkServer(number, version, encoding); err != nil {
		return err
	}
	e.warnOnce.Do(func() {
		if fsync == "off" {
			e.log.Error("PostgreSQL runs with fsync=off: a crash of its machine can lose texts or all of the database")
		}
		if fullPageWrites == "off" {
			e.log.Error("PostgreSQL runs with full_page_writes=off: a crash of its machine can damage the database")
		}
		if commits == "off" {
			e.log.Error("PostgreSQL runs with synchronous_commit=off: Sidetext sets it on for its own connections; please do so for all")
		}
	})
	return nil
}

// checkServer refuses a server that is too old or does not store UTF-8.
func checkServer(number int, version, encoding string) error {
	switch {
	case number/10000 < oldestPostgres:
		return serverError("PostgreSQL " + version + " is too old: Sidetext needs " + strconv.Itoa(oldestPostgres) + " or newer")
	case encoding != "UTF8":
		return serverError("the database keeps texts as " + encoding + ": Sidetext needs one made with ENCODING 'UTF8'")
	}
	return nil
}
