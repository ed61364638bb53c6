package hooks

import (
	"context"
	"sync"
	"time"

	"sidetext/chat"
)

// An EndpointCache caches what is found by endpoint, the random part of an address:
// each request to a busy one needs it. Every node sees a change of the settings within
// endpointCacheTime.
type EndpointCache[K comparable, V any] struct {
	Find func(ctx context.Context, endpoint K) (V, error)

	mu     sync.Mutex
	found  map[K]cachedValue[V]
	resets int // what was read before the last reset is not cached
}

type (
	// A LineCache caches line configs by endpoint.
	LineCache = EndpointCache[string, chat.LineConfig]
	// A ConnectionCache caches connections by endpoint.
	ConnectionCache = EndpointCache[VendorEndpoint, chat.Connection]
)

// A VendorEndpoint is the endpoint of a connection to a vendor.
type VendorEndpoint struct {
	Vendor   chat.Vendor
	Endpoint string
}

type cachedValue[V any] struct {
	value V
	until time.Time
}

const (
	endpointCacheTime  = time.Second
	maxCachedEndpoints = 10_000
)

// Get returns what is at endpoint. Only what exists is cached, so that requests for
// invented addresses don't fill the memory.
func (c *EndpointCache[K, V]) Get(ctx context.Context, endpoint K, now time.Time) (V, error) {
	c.mu.Lock()
	cached, ok := c.found[endpoint]
	resets := c.resets
	c.mu.Unlock()
	if left := cached.until.Sub(now); ok && left > 0 && left <= endpointCacheTime { // longer: the clock was set back
		return cached.value, nil
	}
	value, err := c.Find(ctx, endpoint)
	if err != nil {
		return value, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.resets != resets {
		return value, nil
	}
	if c.found == nil || len(c.found) >= maxCachedEndpoints {
		c.found = map[K]cachedValue[V]{}
	}
	c.found[endpoint] = cachedValue[V]{value, now.Add(endpointCacheTime)}
	return value, nil
}

// Reset empties the cache, after a change that must be seen at once, such as a new
// token.
func (c *EndpointCache[K, V]) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.found, c.resets = nil, c.resets+1
}
