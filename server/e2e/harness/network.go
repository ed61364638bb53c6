package harness

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// A Network forwards the vendors' requests to the nodes and has the nodes' public
// address. It can delay, repeat or drop requests and drop responses.
type Network struct {
	balancer atomic.Pointer[Balancer]
	random   *Random
	client   *http.Client
	ctx      context.Context // ends with the network

	Odds    atomic.Pointer[odds]
	running sync.WaitGroup

	mu           sync.Mutex
	acknowledged map[string]time.Time // MessageSid of a text → when it was first answered 2xx
	counts       map[string]int       // requests by what happened to them
}

// odds are the probabilities, from 0 to 1, of faults of a request.
type odds struct {
	doubled    float64 // a second copy at the same time
	repeated   float64 // a second copy some seconds later
	late       float64 // arrives up to two seconds later, after other requests
	lost       float64 // never arrives
	unanswered float64 // arrives, but its response is lost
}

// Odds of a network without faults, and of one with many.
var (
	NoFaults   = odds{}
	ManyFaults = odds{doubled: 0.2, repeated: 0.05, late: 0.1, lost: 0.04, unanswered: 0.04}
)

// newNetwork starts a network without nodes, and returns it with its address.
func newNetwork(t testing.TB, d *Random) (*Network, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	Must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	s := &Network{random: d, ctx: ctx, acknowledged: map[string]time.Time{}, counts: map[string]int{},
		client: &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 256, IdleConnTimeout: 2 * time.Second}}}
	s.Odds.Store(&NoFaults)
	server := &http.Server{Handler: s}
	s.running.Go(func() { _ = server.Serve(l) })
	t.Cleanup(func() {
		cancel()
		_ = server.Shutdown(context.Background()) // all handlers end with ctx
		s.running.Wait()
	})
	return s, "http://" + l.Addr().String()
}

// ServeHTTP forwards a request, with the faults that the odds give it.
func (s *Network) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	o := s.Odds.Load()
	if s.random.Chance(o.lost) {
		s.increment("lost")
		drop(w)
		return
	}
	if s.random.Chance(o.late) {
		s.increment("late")
		s.wait(s.random.Between(0, 2*time.Second))
	}
	copies := 1
	if s.random.Chance(o.doubled) {
		s.increment("doubled")
		copies = 2
	}
	responses := make(chan *response, copies)
	for range copies {
		s.running.Go(func() { responses <- s.forward(r, body) })
	}
	if s.random.Chance(o.repeated) {
		s.increment("repeated")
		pause := s.random.Between(0, 3*time.Second)
		s.running.Go(func() {
			s.wait(pause)
			s.forward(r, body)
		})
	}
	a := <-responses
	switch {
	case a == nil: // no node responded
		drop(w)
	case s.random.Chance(o.unanswered):
		s.increment("unanswered")
		drop(w)
	default:
		for name, values := range a.header {
			w.Header()[name] = values
		}
		w.WriteHeader(a.status)
		_, _ = w.Write(a.body)
	}
}

// A response is a node's response.
type response struct {
	status int
	header http.Header
	body   []byte
}

// forward sends one copy to a node, and to the next one only if the connection was
// refused. It returns nil if there was no response.
func (s *Network) forward(r *http.Request, body []byte) *response {
	for _, n := range s.balancer.Load().order() {
		a, err := s.send(n, r, body)
		if err == nil {
			return a
		}
		s.increment("unreachable")
		if !errors.Is(err, syscall.ECONNREFUSED) {
			return nil
		}
	}
	return nil
}

func (s *Network) send(n *Node, r *http.Request, body []byte) (*response, error) {
	req, err := http.NewRequestWithContext(s.ctx, r.Method, "http://"+n.Listen+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header, req.Host = r.Header.Clone(), r.Host
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	s.increment("forwarded")
	if resp.StatusCode/100 == 2 && strings.HasSuffix(r.URL.Path, "/inbound") {
		s.recordAcknowledged(string(body))
	}
	resp.Header.Del("Content-Length")
	return &response{resp.StatusCode, resp.Header, answer}, nil
}

func (s *Network) recordAcknowledged(form string) {
	_, rest, _ := strings.Cut(form, "MessageSid=")
	sid, _, _ := strings.Cut(rest, "&")
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.acknowledged[sid]; !known {
		s.acknowledged[sid] = time.Now()
	}
}

// Acknowledged returns how many different texts were answered 2xx.
func (s *Network) Acknowledged() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.acknowledged)
}

// AcknowledgedAt returns when a text was first answered 2xx, or the zero time.
func (s *Network) AcknowledgedAt(sid string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.acknowledged[sid]
}

func (s *Network) increment(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[what]++
}

// Count returns how many requests had a fault, named as in odds, or were unreachable.
func (s *Network) Count(what string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[what]
}

func (s *Network) wait(d time.Duration) {
	select {
	case <-time.After(d):
	case <-s.ctx.Done():
	}
}

// drop closes a connection with a TCP reset.
func drop(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(errors.Join(http.ErrAbortHandler, err))
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
