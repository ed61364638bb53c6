package figures_test

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
	"sidetext/server/e2e/harness"
	"sidetext/store"
)

// The figures of fleets, for docs/reliability.md and docs/performance.md. Nodes reach
// PostgreSQL and Redis without proxies.

// A timer measures the time from when a text was due until a pop-up received it.
type timer struct {
	*harness.System
	client *fasthttp.Client
	due    sync.Map // name of a text → when it was due
	mu     sync.Mutex
	shown  []time.Duration
	next   atomic.Int64
}

// newTimer waits until the deliveries of the set-up are done, so that only the texts of
// the test are measured.
func newTimer(s *harness.System) *timer {
	s.WithStore(func(ctx context.Context, db *store.Store) error {
		for {
			all, err := db.Queues(ctx, db.Now())
			busy := slices.ContainsFunc(all, func(q store.Queue) bool { return q.Kind == chat.SendSMS && q.Ready+q.Running > 0 })
			if err != nil || !busy || !harness.Sleep(ctx, 100*time.Millisecond) {
				return err
			}
		}
	})
	return &timer{System: s, client: &fasthttp.Client{MaxConnsPerHost: 512, ReadTimeout: harness.MaxWait, WriteTimeout: harness.MaxWait}}
}

// watch opens n pop-ups on a node and reads their frames until the test ends.
func (g *timer) watch(at *harness.Node, n int) {
	g.T.Helper()
	var reading sync.WaitGroup
	g.T.Cleanup(reading.Wait) // after all connections are closed
	harness.InParallel(16, n, func(i int) {
		conn, _, err := harness.SmallDialer.Dial("ws://"+at.Listen+"/live", g.Agents[i%len(g.Agents)])
		if err != nil {
			g.T.Error(err)
			return
		}
		g.T.Cleanup(func() { _ = conn.Close() })
		if err := conn.WriteJSON(map[string]any{"type": "open", "conversation": g.Shoppers[i%len(g.Shoppers)].Conversation, "since": 0, "epoch": ""}); err != nil {
			g.T.Error(err)
			return
		}
		if _, _, err := conn.ReadMessage(); err != nil {
			g.T.Error(err)
			return
		}
		ctx, stop := context.WithCancel(context.Background())
		g.T.Cleanup(stop)
		reading.Go(func() { harness.SendHeartbeats(ctx, conn.WriteJSON) })
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

func (g *timer) read(data []byte, now time.Time) {
	for _, part := range bytes.Split(data, []byte(`"text":"text `))[1:] {
		name, _, _ := bytes.Cut(part, []byte(`"`))
		if due, ok := g.due.LoadAndDelete(string(name)); ok {
			g.mu.Lock()
			g.shown = append(g.shown, now.Sub(due.(time.Time)))
			g.mu.Unlock()
		}
	}
}

// sendText posts a text to a node and returns how long the answer took, counted from when
// the text was due. Outside of a run that checks durations it tries again after a 503.
func (g *timer) sendText(at *harness.Node, due time.Time) (time.Duration, error) {
	n := g.next.Add(1)
	path := "/hooks/twilio/" + g.Line.Endpoint + "/inbound"
	form := url.Values{
		"MessageSid": {fmt.Sprintf("SM%032d", n)}, "AccountSid": {harness.Account}, "From": {g.Shoppers[int(n)%len(g.Shoppers)].Phone}, "To": {harness.Number},
		"Body": {fmt.Sprint("text ", n)}, "NumMedia": {"0"}, "ToCity": {""}, "FromCountry": {"US"}, "SmsStatus": {"received"}, "NumSegments": {"1"}, "ApiVersion": {"2010-04-01"},
	}
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)
	req.SetRequestURI("http://" + at.Listen + path)
	req.Header.SetMethod(http.MethodPost)
	req.Header.SetContentType("application/x-www-form-urlencoded")
	req.Header.Set("X-Twilio-Signature", twilio.Sign(harness.Token, g.URL+path, form))
	req.SetBodyString(form.Encode())
	g.due.Store(fmt.Sprint(n), due)
	for {
		if err := g.client.Do(req, resp); err != nil {
			return 0, err
		}
		if resp.StatusCode() != http.StatusServiceUnavailable || harness.ChecksDurations() {
			break
		}
	}
	if resp.StatusCode() != http.StatusOK {
		return 0, fmt.Errorf("status %d", resp.StatusCode())
	}
	return time.Since(due), nil
}

// percentiles formats the median and the 99th percentile.
func percentiles(all []time.Duration) string {
	if len(all) == 0 {
		return "none"
	}
	slices.Sort(all)
	return fmt.Sprintf("p50 %.2f ms, p99 %.2f ms", ms(all[len(all)/2]), ms(all[len(all)*99/100]))
}

// TestFigureFleetFrames sends FRAMES texts a second to one node, for FRAMES_SECONDS, and
// measures when FRAMES_SOCKETS pop-ups on the other node show them.
func TestFigureFleetFrames(t *testing.T) {
	t.Parallel()
	harness.RaiseFileLimit(t)
	rate, seconds, sockets := harness.Size(t, "FRAMES", 20), harness.Size(t, "FRAMES_SECONDS", 2), harness.Size(t, "FRAMES_SOCKETS", 50)
	s := harness.New(t, harness.Plan{Shoppers: sockets, Nodes: 2, Durable: true, Direct: true})
	s.Start()
	g := newTimer(s)
	g.watch(s.Nodes[1], sockets)
	before, began := s.Costs(), time.Now()
	answered := make([]time.Duration, rate*seconds)
	var failed atomic.Int64
	var sending sync.WaitGroup
	for i := range answered {
		due := began.Add(time.Duration(i) * time.Second / time.Duration(rate))
		time.Sleep(time.Until(due))
		sending.Go(func() {
			var err error
			if answered[i], err = g.sendText(s.Nodes[0], due); err != nil {
				failed.Add(1)
			}
		})
	}
	sending.Wait()
	used := harness.CPUShares(before, s.Costs(), time.Since(began))
	harness.Until(t, "every text is shown", func() bool {
		g.mu.Lock()
		defer g.mu.Unlock()
		return len(g.shown) >= len(answered)-int(failed.Load())
	})
	t.Logf("%d/s on one node, shown on the other by %d pop-ups: answer %s; frame %s; %d failed; processors: %s",
		rate, sockets, percentiles(answered), percentiles(g.shown), failed.Load(), used)
	if failed.Load() > 0 {
		t.Error("some texts were not acknowledged")
	}
}

// TestFigureFleetLoop measures how fast LOOP senders, each waiting for its last answer,
// can send LOOP_TEXTS texts to one, two and up to LOOP_NODES nodes with LOOP_SOCKETS
// pop-ups.
func TestFigureFleetLoop(t *testing.T) {
	t.Parallel()
	harness.RaiseFileLimit(t)
	senders, texts, sockets := harness.Size(t, "LOOP", 8), harness.Size(t, "LOOP_TEXTS", 200), harness.Size(t, "LOOP_SOCKETS", 20)
	for nodes := 1; nodes <= harness.Size(t, "LOOP_NODES", 2); nodes++ {
		t.Run(fmt.Sprint(nodes), func(t *testing.T) {
			s := harness.New(t, harness.Plan{Shoppers: sockets, Nodes: nodes, Durable: true, Direct: true})
			s.Start()
			idle := s.Costs()
			g := newTimer(s)
			for _, n := range s.Nodes {
				g.watch(n, sockets/nodes)
			}
			before, began := s.Costs(), time.Now()
			answered, failed := g.sendTexts(senders, texts)
			after, took := s.Costs(), time.Since(began)
			t.Logf("%d senders, %d nodes, %d pop-ups: %.0f texts/s; answer %s; %d failed; processors: %s; processor time of a text in µs: %s; memory idle: %s; under load: %s",
				senders, nodes, sockets, float64(len(answered))/took.Seconds(), percentiles(answered), failed, harness.CPUShares(before, after, took), harness.CPUShares(before, after, time.Duration(len(answered))*time.Microsecond), memoryPerNode(idle, nodes), memoryPerNode(after, nodes))
			if failed > 0 {
				t.Error("some texts were not acknowledged")
			}
		})
	}
}

// sendTexts sends this many texts in all, from several senders.
func (g *timer) sendTexts(senders, texts int) (answered []time.Duration, failed int) {
	var mu sync.Mutex
	var sent atomic.Int64
	var sending sync.WaitGroup
	for i := range senders {
		sending.Go(func() {
			var mine []time.Duration
			var lost int
			for sent.Add(1) <= int64(texts) {
				if took, err := g.sendText(g.Nodes[i%len(g.Nodes)], time.Now()); err != nil {
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

// memoryPerNode formats the memory of a node, PostgreSQL and Redis.
func memoryPerNode(all map[string]harness.Cost, nodes int) string {
	var parts []string
	for _, name := range []string{"nodes", "PostgreSQL", "Redis"} {
		memory := all[name].Memory
		if name == "nodes" {
			name, memory = "a node", memory/int64(nodes)
		}
		parts = append(parts, fmt.Sprintf("%s %d MiB", name, memory>>20))
	}
	return strings.Join(parts, ", ")
}
