package gorgias

import (
	"fmt"
	"math"
	"sync"
	"time"
)

// A bucket is a leaky bucket that drains within its window
// (developers.gorgias.com/reference/limitations).
type bucket struct {
	mu     sync.Mutex
	size   float64 // 0: no limit
	window time.Duration
	level  float64
	at     time.Time
}

// SetLimit sets the number of requests per window. Zero values mean Gorgias' 40
// requests per 20 s, a negative limit means no limit.
func (g *Gorgias) SetLimit(limit int, window time.Duration) {
	if limit == 0 {
		limit = 40
	}
	if window <= 0 {
		window = 20 * time.Second
	}
	b := &g.bucket
	b.mu.Lock()
	defer b.mu.Unlock()
	b.size, b.window, b.level, b.at = math.Max(0, float64(limit)), window, 0, time.Now()
}

// acquire counts a request. It returns the header's value and, if the bucket is full,
// the seconds until a request fits.
func (b *bucket) acquire() (usage string, wait int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.size == 0 {
		return "0/40", 0
	}
	perSecond := b.size / b.window.Seconds()
	b.level = math.Max(0, b.level-time.Since(b.at).Seconds()*perSecond)
	b.at = time.Now()
	if b.level+1 > b.size {
		return fmt.Sprintf("%.0f/%.0f", b.size, b.size), int(math.Ceil((b.level + 1 - b.size) / perSecond))
	}
	b.level++
	return fmt.Sprintf("%.0f/%.0f", math.Ceil(b.level), b.size), 0
}
