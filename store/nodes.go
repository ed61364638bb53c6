package store

import (
	"context"
	"time"

	"sidetext/store/sqldb"
)

// WriteCanary writes this node's row, and returns how often it has done so.
func (s *Store) WriteCanary(ctx context.Context, now time.Time) (rev int64, err error) {
	err = s.write(ctx, "write a canary", func(tx tx) error {
		return tx.Row(`INSERT INTO nodes (id, rev, at) VALUES ($1, 1, $2) ON CONFLICT (id) DO UPDATE SET rev = nodes.rev + 1, at = excluded.at RETURNING rev`,
			s.node, micros(now)).Scan(&rev)
	})
	if err == nil {
		s.hasCanary.Store(true)
	}
	return rev, err
}

// deleteCanary removes this node's row. One that stays is old after half a minute.
func (s *Store) deleteCanary() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = s.write(ctx, "delete a canary", func(tx tx) error {
		_, err := tx.Exec(`DELETE FROM nodes WHERE id = $1`, s.node)
		return err
	})
}

// CanaryRevision returns how often a node has written its row.
func (s *Store) CanaryRevision(ctx context.Context, node string) (rev int64, err error) {
	err = s.read(ctx, "read a canary", func(tx tx) error {
		return tx.Row(`SELECT rev FROM nodes WHERE id = $1`, node).Scan(&rev)
	})
	return rev, err
}

// Nodes lists the nodes that wrote their row after since.
func (s *Store) Nodes(ctx context.Context, since time.Time) (nodes []string, err error) {
	err = s.read(ctx, "list nodes", func(tx tx) error {
		return tx.Rows(func(row sqldb.Scanner) error {
			nodes = append(nodes, "")
			return row.Scan(&nodes[len(nodes)-1])
		}, `SELECT id FROM nodes WHERE at > $1 ORDER BY id`, micros(since))
	})
	return nodes, err
}
