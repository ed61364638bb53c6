package main

import (
	"context"
	"sync"
	"time"

	"sidetext/chat"
)

// doors remembers for a moment which line an address belongs to and what its
// shop has chosen: of a busy line every text asks. A change of the settings is
// heeded within doorLasts, on every node.
type doors struct {
	mu     sync.Mutex
	known  map[string]knownDoor
	resets int // what was read before the last one is not remembered
}

type knownDoor struct {
	chat.LineConfig
	until time.Time
}

const (
	doorLasts = time.Second
	doorsMost = 10_000
)

// get finds a door, as find does. Only what was found is remembered, so that
// nobody fills the memory with addresses that lead nowhere.
func (d *doors) get(ctx context.Context, endpoint string, now time.Time, find func(context.Context, string) (chat.LineConfig, error)) (chat.LineConfig, error) {
	d.mu.Lock()
	known, ok := d.known[endpoint]
	resets := d.resets
	d.mu.Unlock()
	if left := known.until.Sub(now); ok && left > 0 && left <= doorLasts { // longer: the clock was set back
		return known.LineConfig, nil
	}
	door, err := find(ctx, endpoint)
	if err != nil {
		return door, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.resets != resets {
		return door, nil
	}
	if d.known == nil || len(d.known) >= doorsMost {
		d.known = map[string]knownDoor{}
	}
	d.known[endpoint] = knownDoor{door, now.Add(doorLasts)}
	return door, nil
}

// reset makes the next request ask again: after a change that must not wait, of
// a token or of the helpdesk.
func (d *doors) reset() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.known, d.resets = nil, d.resets+1
}
