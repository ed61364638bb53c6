package recharge

import (
	"math"
	"sync"
	"time"
)

// A bucket is the leaky bucket of a token (docs.getrecharge.com/docs/api-rate-limits).
type bucket struct {
	mu    sync.Mutex
	size  float64 // 0: no limit
	leak  float64
	level float64
	at    time.Time
}

// SetLimit sets the size of the bucket, which is empty then, and the requests that leave
// it per second. Zero values mean Recharge's 40 and 2, a negative size means no limit.
func (r *Recharge) SetLimit(size int, leak float64) {
	if size == 0 {
		size = 40
	}
	if leak == 0 {
		leak = 2
	}
	b := &r.bucket
	b.mu.Lock()
	defer b.mu.Unlock()
	b.size, b.leak, b.level, b.at = math.Max(0, float64(size)), leak, 0, time.Now()
}

// acquire counts a request and reports whether it fits.
func (b *bucket) acquire() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.size == 0 {
		return true
	}
	b.level = math.Max(0, b.level-time.Since(b.at).Seconds()*b.leak)
	b.at = time.Now()
	if b.level+1 > b.size {
		return false
	}
	b.level++
	return true
}
