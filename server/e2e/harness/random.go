package harness

import (
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"time"
)

// A Random makes the same choices for the same seed and name: those of one actor
// can be repeated, but not what happens at the same time.
type Random struct {
	mu sync.Mutex
	r  *rand.Rand
}

func NewRandom(seed uint64, name string) *Random {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	return &Random{r: rand.New(rand.NewPCG(seed, h.Sum64()))}
}

// Chance is true in this part of all cases.
func (d *Random) Chance(part float64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.r.Float64() < part
}

func (d *Random) IntN(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.r.IntN(n)
}

func (d *Random) Between(least, most time.Duration) time.Duration {
	return least + time.Duration(d.IntN(int(most-least)))
}

// Shuffle puts texts into another order.
func (d *Random) Shuffle(texts []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.r.Shuffle(len(texts), func(i, j int) { texts[i], texts[j] = texts[j], texts[i] })
}
