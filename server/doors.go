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
	mu    sync.Mutex
	known map[string]knownDoor
}

type knownDoor struct {
	chat.Door
	until time.Time
}

const (
	doorLasts = time.Second
	doorsMost = 10_000
)

// get finds a door, as find does. Only what was found is remembered, so that
// nobody fills the memory with addresses that lead nowhere.
func (d *doors) get(ctx context.Context, endpoint string, now time.Time, find func(context.Context, string) (chat.Door, error)) (chat.Door, error) {
	d.mu.Lock()
	known, ok := d.known[endpoint]
	d.mu.Unlock()
	if ok && now.Before(known.until) {
		return known.Door, nil
	}
	door, err := find(ctx, endpoint)
	if err != nil {
		return door, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.known == nil || len(d.known) >= doorsMost {
		d.known = map[string]knownDoor{}
	}
	d.known[endpoint] = knownDoor{door, now.Add(doorLasts)}
	return door, nil
}

// forget makes the next request ask again: of a line whose token has changed the
// next signature is another.
func (d *doors) forget(endpoint string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.known, endpoint)
}
