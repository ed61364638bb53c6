package redis

import "time"

const (
	// peerTimeout is how long a node that fell silent without a goodbye counts as
	// one that may still be running, cut off from Redis.
	peerTimeout = 10 * time.Minute
	// maxPeers is more nodes than any cluster has. More names than that are noise.
	maxPeers = 1000
)

// peers holds the nodes on the channel, by name, this one included.
type peers map[string]peer

type peer struct {
	n          uint64 // the highest number received on this subscription; 0: none
	receivedAt time.Time
}

// add records an envelope. It reports whether one before it is missing. An
// envelope that is only late counts as missing too, which costs one comparison
// with the store.
func (p peers) add(e envelope) (gap bool) {
	last, known := p[e.Node]
	gap = last.n > 0 && e.N > last.n+1
	if e.Bye {
		delete(p, e.Node)
		return gap
	}
	if !known && len(p) >= maxPeers {
		clear(p)
	}
	p[e.Node] = peer{max(last.n, e.N), time.Now()}
	return gap
}

// forgetNumbers is called for a new subscription, which has gaps anyway.
func (p peers) forgetNumbers() {
	for node, last := range p {
		p[node] = peer{receivedAt: last.receivedAt}
	}
}

// anySilent reports whether a node has sent nothing for longer than limit. It may
// have crashed; or it is cut off from Redis, and goes on changing conversations.
func (p peers) anySilent(limit time.Duration) (silent bool) {
	for node, last := range p {
		switch since := time.Since(last.receivedAt); {
		case since > peerTimeout:
			delete(p, node)
		case since > limit:
			silent = true
		}
	}
	return silent
}
