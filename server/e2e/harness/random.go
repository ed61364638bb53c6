package harness

import (
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"time"
)

// A Random makes the same choices for the same seed and name. So the choices of one
// actor can be repeated; how actors interleave cannot.
type Random struct {
	mu sync.Mutex
	r  *rand.Rand
}

// NewRandom returns the source of choices for the actor with this name.
func NewRandom(seed uint64, name string) *Random {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	return &Random{r: rand.New(rand.NewPCG(seed, h.Sum64()))}
}

// Chance returns true with this probability.
func (d *Random) Chance(p float64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.r.Float64() < p
}

// IntN returns a number from 0 to n-1.
func (d *Random) IntN(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.r.IntN(n)
}

// Between returns a duration from least up to, but not including, most.
func (d *Random) Between(least, most time.Duration) time.Duration {
	return least + time.Duration(d.IntN(int(most-least)))
}

// Shuffle shuffles texts in place.
func (d *Random) Shuffle(texts []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.r.Shuffle(len(texts), func(i, j int) { texts[i], texts[j] = texts[j], texts[i] })
}
