package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// Prefixes of names of leases: "shard/7" is held by the node that has shard 7, and
// "member/NODE" by each node that shares the work.
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

// planShards computes this node's share and reports whether TakeShards has to change
// leases for it. With write, it changes them.
func (s *Store) planShards(tx tx, keep []int, leaving bool, now time.Time, lease time.Duration, write bool) (share chat.Share, changes bool, err error) {
	t, err := s.loadShards(tx, now)
	if err != nil {
		return share, false, err
	}
	share.Held, share.Fair, share.Until = t.pick(keep, leaving), t.fairShare(), now.Add(lease).UTC().Truncate(time.Microsecond)
	wanted := map[string]time.Time{} // when the leases that this node should have end
	for _, i := range share.Held {
		wanted[shardLease+strconv.Itoa(i)] = share.Until
	}
	if !leaving {
		wanted[memberLease+s.node] = share.Until
	}
	for name, until := range t.own {
		switch _, keeps := wanted[name]; {
		case !keeps:
			changes = true
			if write {
				err = tx.ExecLater(`DELETE FROM duties WHERE name = $1 AND holder = $2`, name, s.node)
			}
		case !write && until.Sub(now) > lease/2:
			delete(wanted, name) // it lasts long enough
			if until.Before(share.Until) {
				share.Until = until
			}
		}
		if err != nil {
			return share, changes, err
		}
	}
	for name, until := range wanted {
		changes = true
		if write && err == nil {
			err = tx.ExecLater(`INSERT INTO duties (name, holder, until) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until`,
				name, s.node, micros(until))
		}
	}
	return share, changes, err
}

// A shardTable is the distribution of the shards as one node sees it.
type shardTable struct {
	own    map[string]time.Time // this node's leases, with ended ones that no other node has taken
	taken  [chat.Shards]bool    // by live leases of other nodes
	others map[string]int       // other nodes that share the work, and how many shards each has
}

func (s *Store) loadShards(tx tx, now time.Time) (t shardTable, err error) {
	t.own, t.others = map[string]time.Time{}, map[string]int{}
	shards := map[string]int{}
	err = tx.Rows(func(row sqldb.Scanner) error {
		var name, holder string
		var untilMicros int64
		if err := row.Scan(&name, &holder, &untilMicros); err != nil {
			return err
		}
		until := timeOf(untilMicros)
		live := until.After(now) && until.Sub(now) <= MaxLease
		i, err := strconv.Atoi(strings.TrimPrefix(name, shardLease))
		isShard := err == nil && i >= 0 && i < chat.Shards
		switch {
		case holder == s.node && live:
			t.own[name] = until
		case holder == s.node:
			t.own[name] = now
		case live && isShard:
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

// pick returns the shards that this node should have: those to keep that no other
// node has taken and, unless it is leaving, free ones up to its fair share.
func (t shardTable) pick(keep []int, leaving bool) (held []int) {
	var kept [chat.Shards]bool
	for _, i := range keep {
		kept[i] = !t.taken[i]
		if kept[i] {
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

// fairShare is how many shards this node should have: the shards divided by the
// nodes, rounded down if another node has fewer than that, and rounded up otherwise.
func (t shardTable) fairShare() int {
	nodes := len(t.others) + 1
	for _, n := range t.others {
		if n < chat.Shards/nodes {
			return chat.Shards / nodes
		}
	}
	return (chat.Shards + nodes - 1) / nodes
}
