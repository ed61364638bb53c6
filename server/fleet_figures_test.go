package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"sidetext/chat"
	"sidetext/pretend/twilio"
	"sidetext/store"
)

// The figures of fleets, for docs/reliability.md and docs/performance.md. Nodes
// reach PostgreSQL and Redis without anything in the way.

// A gauge times texts from when they were due until a pop-up shows them.
type gauge struct {
	*siege
	client *fasthttp.Client
	due    sync.Map // what a text says → when it was due
	mu     sync.Mutex
	shown  []time.Duration
	next   atomic.Int64
}

// newGauge waits until nothing of how the siege began is on its way any more: what
// is measured is what texts cost, and not what was there before.
func newGauge(s *siege) *gauge {
	s.within(func(ctx context.Context, db *store.Store) error {
		for {
			all, err := db.Queues(ctx, db.Now())
			busy := slices.ContainsFunc(all, func(q store.Queue) bool { return q.Kind == chat.SendSMS && q.Ready+q.Running > 0 })
			if err != nil || !busy || !sleep(ctx, 100*time.Millisecond) {
				return err
			}
		}
	})
	return &gauge{siege: s, client: &fasthttp.Client{MaxConnsPerHost: 512, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second}}
}

// watch opens n pop-ups on a node and reads what they show until the test ends.
func (g *gauge) watch(at *node, n int) {
	g.t.Helper()
	var reading sync.WaitGroup
	g.t.Cleanup(reading.Wait) // after all connections are closed
	inParallel(16, n, func(i int) {
		conn, _, err := slim.Dial("ws://"+at.listen+"/live", g.agents[i%len(g.agents)])
		if err != nil {
			g.t.Error(err)
			return
		}
		g.t.Cleanup(func() { _ = conn.Close() })
		if err := conn.WriteJSON(map[string]any{"type": "open", "conversation": g.people[i%len(g.people)].id, "since": 0, "epoch": ""}); err != nil {
			g.t.Error(err)
			return
		}
		if _, _, err := conn.ReadMessage(); err != nil {
			g.t.Error(err)
			return
		}
		reading.Go(func() {
			for {
				_, data, err := conn.ReadMessage()
				if err != nil {
					return
				}
				g.read(data, time.Now())
			}
		})
	})
}

func (g *gauge) read(data []byte, now time.Time) {
	for _, part := range bytes.Split(data, []byte(`"text":"text `))[1:] {
		name, _, _ := bytes.Cut(part, []byte(`"`))
		if due, ok := g.due.LoadAndDelete(string(name)); ok {
			g.mu.Lock()
			g.shown = append(g.shown, now.Sub(due.(time.Time)))
			g.mu.Unlock()
		}
	}
}

// text hands a node a text and returns how long the answer took from when the
// text was due.
func (g *gauge) text(at *node, due time.Time) (time.Duration, error) {
	n := g.next.Add(1)
	path := "/hooks/twilio/" + g.line.Endpoint + "/inbound"
	form := url.Values{
		"MessageSid": {fmt.Sprintf("SM%032d", n)}, "AccountSid": {demoAccount}, "From": {g.people[int(n)%len(g.people)].phone}, "To": {demoNumber},
		"Body": {fmt.Sprint("text ", n)}, "NumMedia": {"0"}, "ToCity": {""}, "FromCountry": {"US"}, "SmsStatus": {"received"}, "NumSegments": {"1"}, "ApiVersion": {"2010-04-01"},
	}
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)
	req.SetRequestURI("http://" + at.listen + path)
	req.Header.SetMethod(http.MethodPost)
	req.Header.SetContentType("application/x-www-form-urlencoded")
	req.Header.Set("X-Twilio-Signature", twilio.Sign(demoToken, g.url+path, form))
	req.SetBodyString(form.Encode())
	g.due.Store(fmt.Sprint(n), due)
	if err := g.client.Do(req, resp); err != nil {
		return 0, err
	}
	if resp.StatusCode() != http.StatusOK {
		return 0, fmt.Errorf("answered %d", resp.StatusCode())
	}
	return time.Since(due), nil
}

// percentiles says the median and the 99th of a hundred.
func percentiles(all []time.Duration) string {
	if len(all) == 0 {
		return "none"
	}
	slices.Sort(all)
	return fmt.Sprintf("p50 %.2f ms, p99 %.2f ms", ms(all[len(all)/2]), ms(all[len(all)*99/100]))
}

// TestFigureFleetFrames: FRAMES texts a second come to one node, for
// FRAMES_SECONDS, and are shown by FRAMES_SOCKETS pop-ups on the other.
func TestFigureFleetFrames(t *testing.T) {
	t.Parallel()
	raise(t)
	rate, seconds, sockets := sized(t, "FRAMES", 20), sized(t, "FRAMES_SECONDS", 2), sized(t, "FRAMES_SOCKETS", 50)
	s := besiege(t, plan{shoppers: sockets, nodes: 2, durable: true, straight: true})
	s.begin()
	g := newGauge(s)
	g.watch(s.nodes[1], sockets)
	before, began := s.costs(), time.Now()
	answered := make([]time.Duration, rate*seconds)
	var failed atomic.Int64
	var sending sync.WaitGroup
	for i := range answered {
		due := began.Add(time.Duration(i) * time.Second / time.Duration(rate))
		time.Sleep(time.Until(due))
		sending.Go(func() {
			var err error
			if answered[i], err = g.text(s.nodes[0], due); err != nil {
				failed.Add(1)
			}
		})
	}
	sending.Wait()
	used := between(before, s.costs(), time.Since(began))
	until(t, 20*time.Second, "every text is shown", func() bool {
		g.mu.Lock()
		defer g.mu.Unlock()
		return len(g.shown) >= len(answered)-int(failed.Load())
	})
	t.Logf("%d/s on one node, shown on the other by %d pop-ups: answer %s; frame %s; %d failed; processors: %s",
		rate, sockets, percentiles(answered), percentiles(g.shown), failed.Load(), used)
	if failed.Load() > 0 {
		t.Error("texts were not taken")
	}
}

// TestFigureFleetLoop: LOOP senders text as fast as they are answered, for
// LOOP_SECONDS, to one node, two and three, with LOOP_SOCKETS pop-ups.
func TestFigureFleetLoop(t *testing.T) {
	t.Parallel()
	raise(t)
	senders, seconds, sockets := sized(t, "LOOP", 8), sized(t, "LOOP_SECONDS", 1), sized(t, "LOOP_SOCKETS", 20)
	for nodes := 1; nodes <= sized(t, "LOOP_NODES", 2); nodes++ {
		t.Run(fmt.Sprint(nodes), func(t *testing.T) {
			s := besiege(t, plan{shoppers: max(1000, sockets), nodes: nodes, durable: true, straight: true})
			s.begin()
			idle := s.costs()
			g := newGauge(s)
			for _, n := range s.nodes {
				g.watch(n, sockets/nodes)
			}
			before, began := s.costs(), time.Now()
			ctx, stop := context.WithTimeout(t.Context(), time.Duration(seconds)*time.Second)
			defer stop()
			answered, failed := g.loop(ctx, senders)
			after, took := s.costs(), time.Since(began)
			t.Logf("%d senders, %d nodes, %d pop-ups: %.0f texts/s; answer %s; %d failed; processors: %s; µs of them for each text: %s; memory idle: %s; under load: %s",
				senders, nodes, sockets, float64(len(answered))/took.Seconds(), percentiles(answered), failed, between(before, after, took), between(before, after, time.Duration(len(answered))*time.Microsecond), remembered(idle, nodes), remembered(after, nodes))
			if failed > 0 {
				t.Error("texts were not taken")
			}
		})
	}
}

// loop has senders text until ctx ends.
func (g *gauge) loop(ctx context.Context, senders int) (answered []time.Duration, failed int) {
	var mu sync.Mutex
	var sending sync.WaitGroup
	for i := range senders {
		sending.Go(func() {
			var mine []time.Duration
			var lost int
			for ctx.Err() == nil {
				if took, err := g.text(g.nodes[i%len(g.nodes)], time.Now()); err != nil {
					lost++
				} else {
					mine = append(mine, took)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			answered, failed = append(answered, mine...), failed+lost
		})
	}
	sending.Wait()
	return answered, failed
}

// remembered says how much memory everybody has.
func remembered(all map[string]cost, nodes int) string {
	var said []string
	for _, who := range []string{"nodes", "PostgreSQL", "Redis"} {
		each, name := all[who].memory, who
		if who == "nodes" {
			each, name = each/int64(nodes), "a node"
		}
		said = append(said, fmt.Sprintf("%s %d MiB", name, each>>20))
	}
	return strings.Join(said, ", ")
}
