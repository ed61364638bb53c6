package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// Leases of these names say which node has which shard, and which nodes want a
// share at all.
const (
	shardLease  = "shard/"
	memberLease = "member/"
)

// TakeShards renews this node's shards, gives up those in release, and takes free
// ones up to the node's fair share. A node that is leaving takes none and does not
// count among those that share the work. Renewing costs no write while more than
// half of lease is left.
func (s *Store) TakeShards(ctx context.Context, release []int, leaving bool, now time.Time, lease time.Duration) (share chat.Share, err error) {
	lease = min(lease, MaxLease)
	var t shardTable
	err = s.read(ctx, "read shards", func(tx tx) error {
		t, err = s.shards(tx, now)
		return err
	})
	if err != nil || len(release) == 0 && !leaving && t.settled(now.Add(lease/2)) {
		return t.share(), err
	}
	err = s.write(ctx, "take shards", func(tx tx) error {
		if err := tx.Exclusive(shardLease); err != nil {
			return err
		}
		if t, err = s.shards(tx, now); err != nil {
			return err
		}
		until := now.Add(lease).UTC().Truncate(time.Microsecond)
		for _, i := range release {
			t.mine[i] = false
			if _, err := tx.Exec(`DELETE FROM duties WHERE name = $1 AND holder = $2`, shardName(i), s.node); err != nil {
				return err
			}
		}
		if leaving {
			if _, err := tx.Exec(`DELETE FROM duties WHERE name = $1`, memberLease+s.node); err != nil {
				return err
			}
		} else {
			if err := tx.lease(memberLease+s.node, s.node, until); err != nil {
				return err
			}
			t.member = until
			for i := 0; i < chat.Shards && t.held() < t.fair(); i++ {
				if t.free(i) {
					t.mine[i] = true
				}
			}
		}
		for i := range chat.Shards {
			if !t.mine[i] {
				continue
			}
			t.until[i] = until
			if err := tx.lease(shardName(i), s.node, until); err != nil {
				return err
			}
		}
		return nil
	})
	return t.share(), err
}

// lease gives a lease to a node, whoever held it.
func (tx tx) lease(name, node string, until time.Time) error {
	return tx.ExecLater(`INSERT INTO duties (name, holder, until) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until`,
		name, node, micros(until))
}

func shardName(i int) string { return shardLease + strconv.Itoa(i) }

// A shardTable is what the leases say, as seen by one node.
type shardTable struct {
	mine, theirs [chat.Shards]bool // by live leases; mine also by one that ended, when no other node has taken it since
	until        [chat.Shards]time.Time
	others       map[string]int // shards of each other live member
	member       time.Time      // until when this node is a member
}

func (s *Store) shards(tx tx, now time.Time) (t shardTable, err error) {
	shards := map[string]int{} // live ones of each node
	t.others = map[string]int{}
	err = tx.Rows(func(row sqldb.Scanner) error {
		var name, holder string
		var ends int64
		if err := row.Scan(&name, &holder, &ends); err != nil {
			return err
		}
		until, mine := moment(ends), holder == s.node
		live := until.After(now) && until.Sub(now) <= MaxLease
		if !live {
			until = time.Time{}
		}
		i, err := strconv.Atoi(strings.TrimPrefix(name, shardLease))
		switch {
		case err == nil && i >= 0 && i < chat.Shards:
			t.mine[i], t.theirs[i], t.until[i] = mine, live && !mine, until
			if live {
				shards[holder]++
			}
		case name == memberLease+s.node:
			t.member = until
		case strings.HasPrefix(name, memberLease) && live:
			t.others[holder] = 0
		}
		return nil
	}, `SELECT name, holder, until FROM duties WHERE name LIKE '`+shardLease+`%' OR name LIKE '`+memberLease+`%'`)
	for node := range t.others {
		t.others[node] = shards[node]
	}
	return t, err
}

func (t shardTable) free(i int) bool { return !t.mine[i] && !t.theirs[i] }

func (t shardTable) held() (n int) {
	for _, mine := range t.mine {
		if mine {
			n++
		}
	}
	return n
}

// fair is how many shards this node should have: its part, rounded up unless
// another node has less than its part rounded down.
func (t shardTable) fair() int {
	nodes := len(t.others) + 1
	for _, n := range t.others {
		if n < chat.Shards/nodes {
			return chat.Shards / nodes
		}
	}
	return (chat.Shards + nodes - 1) / nodes
}

// settled reports whether nothing has to be written: all leases of this node last
// until at least then, and no shard is free that it should take.
func (t shardTable) settled(then time.Time) bool {
	if t.member.Before(then) {
		return false
	}
	for i := range chat.Shards {
		if t.mine[i] && t.until[i].Before(then) || t.free(i) && t.held() < t.fair() {
			return false
		}
	}
	return true
}

func (t shardTable) share() (s chat.Share) {
	s.Fair = t.fair()
	for i := range chat.Shards {
		if !t.mine[i] {
			continue
		}
		s.Held = append(s.Held, i)
		if s.Until.IsZero() || t.until[i].Before(s.Until) {
			s.Until = t.until[i]
		}
	}
	return s
}
