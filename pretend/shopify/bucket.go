package shopify

import (
	"math"
	"time"
)

// A bucket holds the app's points (shopify.dev/docs/api/usage/limits).
type bucket struct {
	size, restore float64
	available     float64
	at            time.Time
}

func newBucket(size, restore float64) bucket {
	if size == 0 {
		size = 2000
	}
	if restore == 0 {
		restore = 100
	}
	return bucket{size, restore, size, time.Now()}
}

// take takes the points of a query and reports whether there were enough.
func (b *bucket) take(points float64) bool {
	b.available = math.Min(b.size, b.available+time.Since(b.at).Seconds()*b.restore)
	b.at = time.Now()
	if points > b.available {
		return false
	}
	b.available -= points
	return true
}

// status is the throttleStatus of a response.
func (b *bucket) status() map[string]any {
	return map[string]any{"maximumAvailable": b.size, "currentlyAvailable": math.Floor(b.available), "restoreRate": b.restore}
}

// SetPoints sets the size of the bucket, which is full then, and the points per second.
func (s *Shopify) SetPoints(size, restore float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bucket = newBucket(size, restore)
}

// SetThrottledStatus says whether throttled queries are answered with 429, not 200.
func (s *Shopify) SetThrottledStatus(tooMany bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.throttle429 = tooMany
}
