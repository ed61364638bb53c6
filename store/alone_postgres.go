package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

func aloneOnPostgres(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	conn, err := connect(ctx, url)
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

// connect opens one connection to PostgreSQL. What it says of an address names no
// password.
func connect(ctx context.Context, url string) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(url)
	if err == nil {
		config.ConnectTimeout = 5 * time.Second
		config.RuntimeParams["application_name"] = "sidetext"
		var conn *pgx.Conn
		if conn, err = pgx.ConnectConfig(ctx, config); err == nil {
			return conn, nil
		}
	}
	return nil, fmt.Errorf("store: connect: %w", err)
}
