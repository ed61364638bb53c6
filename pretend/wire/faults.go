package wire

import (
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
)

// An Act is what a fault does to a request after Fault.Delay.
type Act int

const (
	Slow        Act = iota // serve it as usual
	Answer                 // respond with Status without serving it
	Reset                  // reset the connection without serving it
	Hang                   // neither serve it nor respond until the client disconnects
	AnswerAfter            // serve it, but respond with Status
	ResetAfter             // serve it, then reset the connection
	HangAfter              // serve it, but do not respond
	Truncate               // serve it, but send half of the response's body
	Endless                // serve it, and send spaces without end after the response's body
)

// A Fault changes how requests are served. The zero Fault changes nothing.
type Fault struct {
	Act        Act
	Method     string        // only requests with this method; empty: any
	Path       string        // only requests whose path contains this; empty: any
	Times      int           // maximum number of requests; 0: until cleared
	Share      float64       // fraction of the requests, chosen at random (0.2: one in five); 0: all
	Delay      time.Duration // before Act
	Status     int           // of Answer and AnswerAfter
	Body       string        // of Answer, AnswerAfter and Endless; empty: the vendor's body
	Location   string        // of Answer and AnswerAfter
	RetryAfter time.Duration // sent in whole seconds; 0: no such header
}

// Faults are the active faults. The zero Faults is ready to use. It is safe for
// concurrent use.
type Faults struct {
	mu      sync.Mutex
	list    []*Fault
	random  *rand.Rand
	changes Notifier
}

// Add adds faults. The first one that matches a request is applied.
func (f *Faults) Add(faults ...Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, fault := range faults {
		f.list = append(f.list, &fault)
	}
}

// Clear removes all faults and aborts hanging requests.
func (f *Faults) Clear() {
	f.mu.Lock()
	f.list = nil
	f.mu.Unlock()
	f.changes.Notify()
}

// Seed makes the random choice of Fault.Share repeatable.
func (f *Faults) Seed(seed uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.random = rand.New(rand.NewPCG(seed, seed))
}

// pick returns the fault to apply to a request.
func (f *Faults) pick(r *http.Request) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, fault := range f.list {
		if fault.Method != "" && fault.Method != r.Method || !strings.Contains(r.URL.Path, fault.Path) {
			continue
		}
		if fault.Share > 0 && f.roll() >= fault.Share {
			continue
		}
		if fault.Times > 0 {
			fault.Times--
			if fault.Times == 0 {
				f.list = append(f.list[:i:i], f.list[i+1:]...)
			}
		}
		return *fault, true
	}
	return Fault{}, false
}

func (f *Faults) roll() float64 {
	if f.random == nil {
		f.random = rand.New(rand.NewPCG(1, 1))
	}
	return f.random.Float64()
}
