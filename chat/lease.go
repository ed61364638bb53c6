package chat

import (
	"hash/fnv"
	"time"
)

// A Lease is a time-limited claim that only one node does something, as seen by
// the node that asked for it.
type Lease struct {
	Held  bool      // by the asking node, until Until
	Fresh bool      // it was not held by the asking node before
	Until time.Time // when it ends, unless its holder renews it
}

// Shards is how many parts the background work is divided into. Each is leased to
// one node at a time.
const Shards = 16

// Shard returns the part of the background work that key belongs to: the account
// of a delivery, or a line to compare.
func Shard(key string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(key))
	return int(h.Sum32() % Shards)
}

// A Share is the part of the background work that is leased to one node.
type Share struct {
	Held  []int     // its shards
	Fair  int       // how many it should have, so that all live nodes have about the same number
	Until time.Time // when its leases end, unless it renews them
}
