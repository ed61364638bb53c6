package store

import (
	"context"
	"errors"
	"log/slog"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

var placeholder = regexp.MustCompile(`\$(\d+)`)

// Plans returns SQLite's query plan of each statement that it has run.
func Plans(ctx context.Context, s *Store) (map[string][]string, error) {
	var all []string
	list := func(tx tx) error { all = append(all, tx.Statements()...); return nil }
	if err := errors.Join(s.write(ctx, "list statements", list), s.read(ctx, "list statements", list)); err != nil {
		return nil, err
	}
	plans := map[string][]string{}
	err := s.write(ctx, "explain", func(tx tx) error {
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
			err := tx.Rows(func(row sqldb.Scanner) error {
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

// CheckIntegrity runs SQLite's check of the whole database; "ok" means sound.
func CheckIntegrity(ctx context.Context, s *Store) (result string, err error) {
	err = s.read(ctx, "check", func(tx tx) error { return tx.Row("PRAGMA integrity_check").Scan(&result) })
	return result, err
}

// CountRows counts the rows of a table.
func CountRows(ctx context.Context, s *Store, table string) (n int, err error) {
	err = s.read(ctx, "count", func(tx tx) error { return tx.Row("SELECT COUNT(*) FROM " + table).Scan(&n) })
	return n, err
}

// A StoredDelivery is a delivery with its state.
type StoredDelivery struct {
	chat.Delivery
	State string
}

// Deliveries reads all deliveries of a shop.
func Deliveries(ctx context.Context, s *Store, shop chat.ShopID) (all []StoredDelivery, err error) {
	err = s.read(ctx, "read deliveries", func(tx tx) error {
		return tx.Rows(func(row sqldb.Scanner) error {
			var k StoredDelivery
			var problem string
			d, err := scanDelivery(row, &k.State, &problem)
			k.Delivery, k.Problem = d, problem
			all = append(all, k)
			return err
		}, `SELECT `+deliveryColumns+`, state, problem FROM deliveries WHERE shop = $1 ORDER BY lane, place, id`, string(shop))
	})
	return all, err
}

// Exec runs a statement that only a test needs.
func Exec(ctx context.Context, s *Store, query string, args ...any) error {
	return s.write(ctx, "change", func(tx tx) error { _, err := tx.Exec(query, args...); return err })
}

// OpenWriters is Open on PostgreSQL with this number of writing connections.
func OpenWriters(ctx context.Context, url string, key []byte, writers int) (*Store, error) {
	return open(ctx, sqldb.Config{Address: url, Writers: writers, Log: slog.New(slog.DiscardHandler)}, key)
}

// RoundTrips returns how many round trips to its server a store has made.
func RoundTrips(s *Store) int64 { return s.db.RoundTrips() }

// Ready returns an error unless the database can be written now.
func (s *Store) Ready(ctx context.Context) error {
	_, err := s.WriteCanary(ctx, time.Now())
	return err
}

// DumpTable returns the rows of a shop in a table as texts, sorted.
func DumpTable(ctx context.Context, s *Store, table string, shop chat.ShopID) (all []string, err error) {
	var columns []string
	err = s.read(ctx, "dump", func(tx tx) error {
		query := `SELECT name FROM pragma_table_info($1)`
		if s.db.Shared() {
			query = `SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1`
		}
		if columns, err = tx.texts(query, table); err != nil {
			return err
		}
		slices.Sort(columns)
		for i, name := range columns {
			columns[i] = `'` + name + `=' || CAST(` + name + ` AS TEXT)`
		}
		all, err = tx.texts(`SELECT `+strings.Join(columns, ` || ' ' || `)+` FROM `+table+` WHERE shop = $1`, string(shop))
		slices.Sort(all)
		return err
	})
	return all, err
}

// ApplyUpdates applies vendors' updates to a shop's directory in one transaction.
func ApplyUpdates(ctx context.Context, s *Store, shop chat.ShopID, now time.Time, updates ...chat.DirectoryUpdate) (change chat.DirectoryChange, err error) {
	err = s.write(ctx, "apply updates", func(tx tx) error {
		change, err = tx.applyUpdates(shop, updates, now)
		return err
	})
	return change, err
}

// ApplyUpdate applies one update.
func ApplyUpdate(ctx context.Context, s *Store, shop chat.ShopID, now time.Time, u chat.DirectoryUpdate) (change chat.DirectoryChange, err error) {
	err = s.write(ctx, "apply an update", func(tx tx) error {
		change, err = tx.applyUpdate(shop, u, now)
		return err
	})
	return change, err
}
