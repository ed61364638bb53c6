package store

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
)

func aloneOnPostgres(ctx context.Context, url string, log *slog.Logger) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	conn, err := dialPostgres(ctx, url, log)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var here int
	if err := conn.QueryRow(ctx, `SELECT COUNT(to_regclass('nodes'))`).Scan(&here); err != nil || here == 0 {
		return err // nobody was ever here
	}
	if err := conn.QueryRow(ctx, `SELECT COUNT(*) FROM nodes WHERE at > EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 - $1`, wasHere.Microseconds()).Scan(&here); err != nil {
		return fmt.Errorf("store: find out who uses the database: %w", err)
	}
	if here > 0 {
		return fmt.Errorf("store: %w", ErrInUse)
	}
	return nil
}

// dialPostgres opens a connection for work that may take long. A server that is
// gone without a word is noticed by the system, within half a minute.
func dialPostgres(ctx context.Context, url string, log *slog.Logger) (*pgx.Conn, error) {
	engine, err := newPostgres(url, log)
	if err != nil {
		return nil, err
	}
	config := engine.config.Copy()
	config.DialFunc = (&net.Dialer{Timeout: dialing, KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}}).DialContext
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, engine.plain(err)
	}
	if _, err := conn.Exec(ctx, `SELECT set_config('statement_timeout', '0', false), set_config('lock_timeout', '10000', false),
		set_config('idle_in_transaction_session_timeout', '0', false),
		set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)`); err != nil {
		_ = conn.Close(ctx)
		return nil, fmt.Errorf("store: set a connection up: %w", err)
	}
	return conn, nil
}
