package sqldb

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
)

// DialPostgres opens a connection for work that may take long, without the time
// limits of a server's connections. The system notices within half a minute that
// a server is gone.
func DialPostgres(ctx context.Context, address string, log *slog.Logger) (*pgx.Conn, error) {
	engine, err := newPostgres(address, log)
	if err != nil {
		return nil, err
	}
	config := engine.config.Copy()
	config.DialFunc = dialer.DialContext
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, engine.explain(err)
	}
	if _, err := conn.Exec(ctx, `SELECT set_config('statement_timeout', '0', false), set_config('lock_timeout', '10000', false),
		set_config('idle_in_transaction_session_timeout', '0', false),
		set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)`); err != nil {
		_ = conn.Close(ctx)
		return nil, fmt.Errorf("store: set up a connection: %w", err)
	}
	return conn, nil
}

var dialer = &net.Dialer{
	Timeout:         dialTimeout,
	KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3},
}
