package wire

import (
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
)

// An Act is what a fault does to a request. After Fault.Delay …
type Act int

const (
	Slow        Act = iota // … it is served as usual
	Answer                 // … it is answered with Status and nothing is done
	Reset                  // … the connection is reset and nothing is done
	Hang                   // … nothing is done or answered until the client leaves
	AnswerAfter            // … it is done, and answered with Status all the same
	ResetAfter             // … it is done, and the connection is reset
	HangAfter              // … it is done, and never answered
	Truncate               // … it is done, and half of the answer's body is sent
	Endless                // … it is done, and behind the answer's body come spaces for ever
)

// A Fault spoils requests. The zero Fault serves all of them as usual.
type Fault struct {
	Act        Act
	Method     string        // only requests with this method; empty: any
	Path       string        // only requests whose path contains this; empty: any
	Times      int           // so many requests, then it is over; 0: until cleared
	Share      float64       // this part of the requests (0.2: one in five); 0: all
	Delay      time.Duration // wait so long first
	Status     int           // of Answer and AnswerAfter
	Body       string        // of Answer, AnswerAfter and Endless: what is said in place of the vendor's words; empty: those
	Location   string        // of Answer and AnswerAfter: where a redirect leads
	RetryAfter time.Duration // sent in whole seconds as Retry-After; 0: no such header
}

// Faults are what a test has asked to go wrong. The zero Faults is ready to
// use, and all methods may be called while requests are served.
type Faults struct {
	mu      sync.Mutex
	list    []*Fault
	random  *rand.Rand
	changes Notifier
}

// Ask adds faults. A request suffers the first that fits it.
func (f *Faults) Ask(faults ...Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, fault := range faults {
		f.list = append(f.list, &fault)
	}
}

// Clear ends all faults and lets hanging requests go: their connections are
// reset.
func (f *Faults) Clear() {
	f.mu.Lock()
	f.list = nil
	f.mu.Unlock()
	f.changes.Notify()
}

// Seed makes the choice of requests under Fault.Share repeatable.
func (f *Faults) Seed(seed uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.random = rand.New(rand.NewPCG(seed, seed))
}

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
			if fault.Times--; fault.Times == 0 {
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
