package store

import (
	"context"
	"log/slog"
	"regexp"
	"strconv"
	"strings"

	"sidetext/chat"
)

var placeholder = regexp.MustCompile(`\$(\d+)`)

// queries lists the statements that have been asked for so far.
func queries(ctx context.Context, s *Store) (all []string, err error) {
	add := func(l link) error {
		for query := range l.conn.(*sqliteConn).stmts {
			all = append(all, query)
		}
		return nil
	}
	if err := s.writer.do(ctx, add); err != nil {
		return nil, err
	}
	for range cap(s.reader.places) { // they take turns
		if err := s.reader.read(ctx, add); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Plans says how the engine would go about each statement it has been asked for.
func Plans(ctx context.Context, s *Store) (map[string][]string, error) {
	all, err := queries(ctx, s)
	if err != nil {
		return nil, err
	}
	plans := map[string][]string{}
	err = s.writer.do(ctx, func(l link) error {
		for _, query := range all {
			if !strings.ContainsAny(query, "$=") && !strings.Contains(query, "FROM") {
				continue // BEGIN, COMMIT and savepoints
			}
			args := make([]any, 0, 16)
			for _, n := range placeholder.FindAllStringSubmatch(query, -1) {
				if n, _ := strconv.Atoi(n[1]); n > len(args) {
					args = append(args, make([]any, n-len(args))...)
				}
			}
			plans[query] = nil
			err := l.rows(func(row scanner) error {
				var id, parent, unused int
				var step string
				err := row.Scan(&id, &parent, &unused, &step)
				plans[query] = append(plans[query], step)
				return err
			}, "EXPLAIN QUERY PLAN "+query, args...)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return plans, err
}

// Integrity asks the engine to check the whole database.
func Integrity(ctx context.Context, s *Store) (said string, err error) {
	err = s.read(ctx, "check", func(l link) error { return l.row("PRAGMA integrity_check").Scan(&said) })
	return said, err
}

// Rows counts what is in a table.
func Rows(ctx context.Context, s *Store, table string) (n int, err error) {
	err = s.read(ctx, "count", func(l link) error { return l.row("SELECT COUNT(*) FROM " + table).Scan(&n) })
	return n, err
}

// A Kept is a delivery as it is kept.
type Kept struct {
	chat.Delivery
	State string
}

// Deliveries reads all deliveries of a shop.
func Deliveries(ctx context.Context, s *Store, shop chat.ShopID) (all []Kept, err error) {
	err = s.read(ctx, "read deliveries", func(l link) error {
		return l.rows(func(row scanner) error {
			var k Kept
			var problem string
			d, err := scanDelivery(row, &k.State, &problem)
			k.Delivery, k.Problem = d, problem
			all = append(all, k)
			return err
		}, `SELECT `+deliveryColumns+`, state, problem FROM deliveries WHERE shop = $1 ORDER BY lane, place, id`, string(shop))
	})
	return all, err
}

// Exec changes the database in a way that nothing else does.
func Exec(ctx context.Context, s *Store, query string, args ...any) error {
	return s.write(ctx, "change", func(l link) error { _, err := l.exec(query, args...); return err })
}

// OpenWriters is Open on Postgres, with so many connections that write.
func OpenWriters(ctx context.Context, url string, key []byte, writers int) (*Store, error) {
	log := slog.New(slog.DiscardHandler)
	e, err := newPostgres(url, log)
	if err != nil {
		return nil, err
	}
	e.writers = writers
	seal, err := newSeal(key)
	if err != nil {
		return nil, err
	}
	return open(ctx, e, seal, log)
}

// Trips is how often a store has asked its server, and heard back.
func Trips(s *Store) int64 {
	if p, ok := s.engine.(*postgres); ok {
		return p.trips.Load()
	}
	return 0
}

// LetGo is how many milliseconds a transaction may be idle.
func LetGo() string {
	return regexp.MustCompile(`'idle_in_transaction_session_timeout', '(\d+)'`).FindStringSubmatch(session)[1]
}
