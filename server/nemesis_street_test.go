package main

import (
	"bytes"
	"context"
	"errors"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// A street is the way from the vendors to the servers: it has their public
// address. What passes comes late, twice or never, or its answer is lost.
type street struct {
	to     atomic.Pointer[balancer]
	dice   *dice
	client *http.Client
	ctx    context.Context // ends with the street

	odds    atomic.Pointer[odds]
	passing sync.WaitGroup

	mu    sync.Mutex
	kept  map[string]time.Time // MessageSid of a text → when it was first answered 2xx
	count map[string]int       // what befell requests
}

// odds are the parts of all requests, from 0 to 1, that something befalls.
type odds struct {
	doubled    float64 // a second copy at the same time
	repeated   float64 // a second copy some seconds later
	late       float64 // arrives up to two seconds later, so that others overtake it
	lost       float64 // never arrives
	unanswered float64 // arrives, and its answer does not
}

var (
	calm   = odds{}
	stormy = odds{doubled: 0.2, repeated: 0.05, late: 0.1, lost: 0.04, unanswered: 0.04}
)

// newStreet opens a street that leads nowhere yet, and returns it with its own address.
func newStreet(t testing.TB, d *dice) (*street, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	s := &street{dice: d, ctx: ctx, kept: map[string]time.Time{}, count: map[string]int{},
		client: &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 256, IdleConnTimeout: 2 * time.Second}}}
	s.odds.Store(&calm)
	server := &http.Server{Handler: s}
	s.passing.Go(func() { _ = server.Serve(l) })
	t.Cleanup(func() {
		cancel()
		_ = server.Shutdown(context.Background()) // all handlers end with ctx
		s.passing.Wait()
	})
	return s, "http://" + l.Addr().String()
}

// ServeHTTP passes a request on, as the dice fall.
func (s *street) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	o := s.odds.Load()
	if s.dice.under(o.lost) {
		s.note("lost")
		drop(w)
		return
	}
	if s.dice.under(o.late) {
		s.note("late")
		s.wait(s.dice.within(0, 2*time.Second))
	}
	copies := 1
	if s.dice.under(o.doubled) {
		s.note("doubled")
		copies = 2
	}
	answers := make(chan *answered, copies)
	for range copies {
		s.passing.Go(func() { answers <- s.pass(r, body) })
	}
	if s.dice.under(o.repeated) {
		s.note("repeated")
		pause := s.dice.within(0, 3*time.Second)
		s.passing.Go(func() {
			s.wait(pause)
			s.pass(r, body)
		})
	}
	a := <-answers
	switch {
	case a == nil: // nobody is there
		drop(w)
	case s.dice.under(o.unanswered):
		s.note("unanswered")
		drop(w)
	default:
		for name, values := range a.header {
			w.Header()[name] = values
		}
		w.WriteHeader(a.status)
		_, _ = w.Write(a.body)
	}
}

// answered is what the server answered.
type answered struct {
	status int
	header http.Header
	body   []byte
}

// pass hands one copy to a server; to the next one only when nobody listened. It
// returns nil when there was no answer.
func (s *street) pass(r *http.Request, body []byte) *answered {
	for _, n := range s.to.Load().order() {
		a, err := s.ask(n, r, body)
		if err == nil {
			return a
		}
		s.note("refused")
		if !errors.Is(err, syscall.ECONNREFUSED) {
			return nil
		}
	}
	return nil
}

func (s *street) ask(n *node, r *http.Request, body []byte) (*answered, error) {
	req, err := http.NewRequestWithContext(s.ctx, r.Method, "http://"+n.listen+r.URL.RequestURI(), bytes.NewReader(body))
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
	s.note("passed")
	if resp.StatusCode/100 == 2 && strings.HasSuffix(r.URL.Path, "/inbound") {
		s.keep(string(body))
	}
	resp.Header.Del("Content-Length")
	return &answered{resp.StatusCode, resp.Header, answer}, nil
}

func (s *street) keep(form string) {
	_, rest, _ := strings.Cut(form, "MessageSid=")
	sid, _, _ := strings.Cut(rest, "&")
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.kept[sid]; !known {
		s.kept[sid] = time.Now()
	}
}

// accepted is when the server first answered 2xx to a text; zero: never.
func (s *street) accepted(sid string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept[sid]
}

func (s *street) note(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count[what]++
}

func (s *street) counted(what string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count[what]
}

func (s *street) wait(d time.Duration) {
	select {
	case <-time.After(d):
	case <-s.ctx.Done():
	}
}

// drop ends a connection so that the other side reads a reset.
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

// Dice fall the same way for the same seed and name: an actor's choices can be
// repeated, even though what happens at the same time as what can't.
type dice struct {
	mu sync.Mutex
	r  *rand.Rand
}

func newDice(seed uint64, name string) *dice {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	return &dice{r: rand.New(rand.NewPCG(seed, h.Sum64()))}
}

// under is true in this part of all throws.
func (d *dice) under(part float64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.r.Float64() < part
}

func (d *dice) below(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.r.IntN(n)
}

func (d *dice) within(least, most time.Duration) time.Duration {
	return least + time.Duration(d.below(int(most-least)))
}
