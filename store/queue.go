package store

import (
	"context"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// A Queue counts the deliveries of one kind in all shops.
type Queue struct {
	Kind                   chat.DeliveryKind
	Ready, Running, Failed int64
	Lanes                  int64     // with a delivery that is ready or running
	Oldest                 time.Time // due time of the oldest ready delivery that is due; zero: none is
}

// Queues counts the deliveries of all shops by kind, for the operator. It reads
// every waiting delivery; each part of the query uses the index for its state.
func (s *Store) Queues(ctx context.Context, now time.Time) (found []Queue, err error) {
	err = s.read(ctx, "read queues", func(tx tx) error {
		found = found[:0]
		return tx.Rows(func(row sqldb.Scanner) error {
			var q Queue
			var oldest int64
			err := row.Scan(&q.Kind, &q.Ready, &q.Running, &q.Failed, &q.Lanes, &oldest)
			q.Oldest = timeOf(oldest)
			found = append(found, q)
			return err
		}, `
			SELECT kind, CAST(SUM(ready) AS BIGINT), CAST(SUM(running) AS BIGINT), CAST(SUM(failed) AS BIGINT), CAST(SUM(lanes) AS BIGINT), CAST(SUM(oldest) AS BIGINT) FROM (
				SELECT kind, COUNT(*) AS ready, 0 AS running, 0 AS failed, 0 AS lanes, COALESCE(MIN(CASE WHEN due <= $1 THEN due END), 0) AS oldest
					FROM deliveries WHERE state = 'ready' AND account > '' GROUP BY kind
				UNION ALL SELECT kind, 0, COUNT(*), 0, 0, 0 FROM deliveries WHERE state = 'running' AND until > 0 GROUP BY kind
				UNION ALL SELECT kind, 0, 0, COUNT(*), 0, 0 FROM deliveries WHERE state = 'failed' AND shop > '' GROUP BY kind
				UNION ALL SELECT kind, 0, 0, 0, COUNT(DISTINCT lane), 0 FROM deliveries WHERE state <> 'failed' AND lane > '' GROUP BY kind
			) AS parts GROUP BY kind ORDER BY kind`, micros(now))
	})
	return found, err
}
