package store

import (
	"context"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// A Backlog counts an account's deliveries of one kind.
type Backlog struct {
	Account                string
	Kind                   chat.DeliveryKind
	Ready, Running, Failed int64
	Problem                string // the commonest reason why deliveries that were tried still wait; empty: none was tried
}

// Backlogs counts a shop's deliveries by account and kind.
func (s *Store) Backlogs(ctx context.Context, shop chat.ShopID) (found []Backlog, err error) {
	err = s.read(ctx, "read backlogs", func(tx tx) error {
		most := int64(0)
		return tx.Rows(func(row sqldb.Scanner) error {
			var part Backlog
			err := row.Scan(&part.Account, &part.Kind, &part.Problem, &part.Ready, &part.Running, &part.Failed)
			if n := len(found); n == 0 || found[n-1].Account != part.Account || found[n-1].Kind != part.Kind {
				found, most = append(found, Backlog{Account: part.Account, Kind: part.Kind}), 0
			}
			total, waiting := &found[len(found)-1], part.Ready+part.Running
			total.Ready, total.Running, total.Failed = total.Ready+part.Ready, total.Running+part.Running, total.Failed+part.Failed
			if part.Problem != "" && waiting > most {
				total.Problem, most = part.Problem, waiting
			}
			return err
		}, `SELECT account, kind, problem, SUM(CASE WHEN state = 'ready' THEN 1 ELSE 0 END), SUM(CASE WHEN state = 'running' THEN 1 ELSE 0 END),
				SUM(CASE WHEN state = 'failed' THEN 1 ELSE 0 END)
			FROM deliveries WHERE shop = $1 GROUP BY account, kind, problem ORDER BY account, kind, problem`, string(shop))
	})
	return found, err
}
