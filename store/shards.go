package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// Leases of these names say which node has which shard, and which nodes share the
// work.
const (
	shardLease  = "shard/"
	memberLease = "member/"
)

// TakeShards renews the leases of the shards in keep, gives up this node's others,
// and takes free ones up to its fair share. A node that is leaving takes none, and
// does not count among those that share the work. It writes nothing while more
// than half of lease is left and nothing else has to change.
func (s *Store) TakeShards(ctx context.Context, keep []int, leaving bool, now time.Time, lease time.Duration) (share chat.Share, err error) {
	lease = min(lease, MaxLease)
	changes := false
	err = s.read(ctx, "read shards", func(tx tx) error {
		share, changes, err = s.planShards(tx, keep, leaving, now, lease, false)
		return err
	})
	if err != nil || !changes {
		return share, err
	}
	err = s.write(ctx, "take shards", func(tx tx) error {
		if err := tx.Exclusive(shardLease); err != nil {
			return err
		}
		share, _, err = s.planShards(tx, keep, leaving, now, lease, true)
		return err
	})
	return share, err
}

// takeShards says what TakeShards would change, or changes it.
func (s *Store) planShards(tx tx, keep []int, leaving bool, now time.Time, lease time.Duration, write bool) (share chat.Share, changes bool, err error) {
	t, err := s.loadShards(tx, now)
	if err != nil {
		return share, false, err
	}
	share.Held, share.Fair, share.Until = t.pick(keep, leaving), t.fairShare(), now.Add(lease).UTC().Truncate(time.Microsecond)
	ends := map[string]time.Time{} // of the leases that this node should have
	for _, i := range share.Held {
		ends[shardLease+strconv.Itoa(i)] = share.Until
	}
	if !leaving {
		ends[memberLease+s.node] = share.Until
	}
	for name, until := range t.own {
		switch _, wanted := ends[name]; {
		case !wanted:
			if changes = true; write {
				err = tx.ExecLater(`DELETE FROM duties WHERE name = $1 AND holder = $2`, name, s.node)
			}
		case !write && until.Sub(now) > lease/2:
			delete(ends, name) // it lasts
			if until.Before(share.Until) {
				share.Until = until
			}
		}
		if err != nil {
			return share, changes, err
		}
	}
	for name, until := range ends {
		if changes = true; write && err == nil {
			err = tx.ExecLater(`INSERT INTO duties (name, holder, until) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until`,
				name, s.node, micros(until))
		}
	}
	return share, changes, err
}

// A shardTable is what the leases say, as seen by one node.
type shardTable struct {
	own    map[string]time.Time // this node's leases, also ended ones that no other node has taken
	taken  [chat.Shards]bool    // by live leases of other nodes
	others map[string]int       // other nodes that share the work → their shards
}

func (s *Store) loadShards(tx tx, now time.Time) (t shardTable, err error) {
	t.own, t.others = map[string]time.Time{}, map[string]int{}
	shards := map[string]int{}
	err = tx.Rows(func(row sqldb.Scanner) error {
		var name, holder string
		var ends int64
		if err := row.Scan(&name, &holder, &ends); err != nil {
			return err
		}
		until := timeOf(ends)
		live := until.After(now) && until.Sub(now) <= MaxLease
		i, err := strconv.Atoi(strings.TrimPrefix(name, shardLease))
		switch shard := err == nil && i >= 0 && i < chat.Shards; {
		case holder == s.node && live:
			t.own[name] = until
		case holder == s.node:
			t.own[name] = now
		case live && shard:
			t.taken[i] = true
			shards[holder]++
		case live:
			t.others[holder] = 0
		}
		return nil
	}, `SELECT name, holder, until FROM duties WHERE name LIKE '`+shardLease+`%' OR name LIKE '`+memberLease+`%'`)
	for node := range t.others {
		t.others[node] = shards[node]
	}
	return t, err
}

// take picks the shards that this node should have: those to keep that no other
// node has taken and, unless it is leaving, free ones up to its fair share.
func (t shardTable) pick(keep []int, leaving bool) (held []int) {
	var kept [chat.Shards]bool
	for _, i := range keep {
		if kept[i] = !t.taken[i]; kept[i] {
			held = append(held, i)
		}
	}
	for i := 0; i < chat.Shards && !leaving && len(held) < t.fairShare(); i++ {
		if !kept[i] && !t.taken[i] {
			held = append(held, i)
		}
	}
	return held
}

// fair is how many shards this node should have: its part, rounded up unless
// another node has less than its part rounded down.
func (t shardTable) fairShare() int {
	nodes := len(t.others) + 1
	for _, n := range t.others {
		if n < chat.Shards/nodes {
			return chat.Shards / nodes
		}
	}
	return (chat.Shards + nodes - 1) / nodes
}
