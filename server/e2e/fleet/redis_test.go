package fleet_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sidetext/server/e2e/harness"
)

// A redisFault is something that happens to Redis, and how late a change may
// reach a pop-up on another node meanwhile.
type redisFault struct {
	name     string
	begin    func(*fleet)
	end      func(*fleet)
	minTexts int // that are acknowledged while it lasts
	maxDelay time.Duration
	degraded bool // the nodes notice, and say so
}

// unnoticed is how long a silent connection is trusted: until three heartbeats
// are missed. See hub.Bus.
const detectionTime = 3*2*time.Second + time.Second

var redisFaults = []redisFault{
	{"none", func(*fleet) {}, func(*fleet) {}, 10, 0, false},
	{"killed", func(s *fleet) { s.Backend.Redis.Kill() }, func(s *fleet) { s.Backend.Redis.Restart(s.T) }, 20, 2500 * time.Millisecond, true},
	{"black-holed", eachProxy(func(p *harness.Proxy) { p.Drop("upstream", "downstream") }), eachProxy((*harness.Proxy).Clear), 10, detectionTime + 2500*time.Millisecond, true},
	{"half-open", eachProxy(func(p *harness.Proxy) { p.Drop("downstream") }), eachProxy((*harness.Proxy).Clear), 10, detectionTime + 2500*time.Millisecond, true},
	{"slow", eachProxy(func(p *harness.Proxy) { p.Delay(1000) }), eachProxy((*harness.Proxy).Clear), 30, 3500 * time.Millisecond, false},
	{"publisher cut off", func(s *fleet) { s.Nodes[0].Proxies.Redis.Drop("upstream") }, func(s *fleet) { s.Nodes[0].Proxies.Redis.Clear() }, 15, 15 * time.Second, false},
	{"subscribers disconnected", func(s *fleet) {
		if err := s.DropSubscribers(); err != nil {
			s.T.Error(err)
		}
	}, func(*fleet) {}, 20, 2500 * time.Millisecond, false},
}

// eachProxy does something to all proxies before Redis.
func eachProxy(do func(*harness.Proxy)) func(*fleet) {
	return func(s *fleet) {
		for _, n := range s.Nodes {
			do(n.Proxies.Redis)
		}
	}
}

// TestFleetRedis: whatever happens to Redis, texts are acknowledged, what one node
// takes is shown by the other, and the nodes recover by themselves. An agent
// whose node was killed does not stay present.
func TestFleetRedis(t *testing.T) {
	t.Parallel()
	s := newFleet(t, harness.Plan{Shoppers: 2, Nodes: 3})
	s.Start()
	anna, ben := s.View(s.Nodes[0], s.Agents[0], s.Shoppers[1].Conversation), s.View(s.Nodes[2], s.Agents[1], s.Shoppers[1].Conversation)
	for _, v := range []*harness.Viewer{anna, ben} {
		v.Await("both are there", func(f harness.Frame) bool { return f.PeopleNames() == "Anna Berg, Ben Okafor" })
	}
	seen, killed := anna.Count(), time.Now()
	s.Nodes[2].Kill()
	s.Nodes = s.Nodes[:2]
	atB := s.View(s.Nodes[1], s.Agents[0], s.Shoppers[0].Conversation)
	for _, fault := range redisFaults {
		t.Run(fault.name, func(t *testing.T) { s.withT(t).checkFault(fault, atB) })
	}
	f := anna.AwaitAfter(seen, "Ben is gone", func(f harness.Frame) bool { return f.Type == "presence" && f.PeopleNames() == "Anna Berg" })
	harness.CheckDuration(t, "forgetting Ben", f.At.Sub(killed), 40*time.Second+shortTime)
}

// withstands hands texts to the first node before, while and after a fault lasts.
func (s *fleet) checkFault(fault redisFault, atB *harness.Viewer) {
	var noticed time.Duration
	defer s.probeReadiness()()
	sent := s.sendDuring(fault.name, func(more func(texts int)) {
		fault.begin(s)
		begun := time.Now()
		if fault.degraded {
			for _, n := range s.Nodes {
				harness.Until(s.T, "a node says that it is degraded", func() bool { return strings.HasPrefix(n.Readiness(), "200 degraded") })
			}
			noticed = time.Since(begun)
		}
		more(fault.minTexts)
		fault.end(s)
		more(10)
	})
	for _, n := range s.Nodes {
		harness.Until(s.T, "a node is well again", func() bool { return strings.HasPrefix(n.Readiness(), "200 ready") })
	}
	var slowest, latest time.Duration
	for _, text := range sent {
		f := atB.Await(text.body, func(f harness.Frame) bool { _, ok := f.FindText(text.body); return ok })
		slowest, latest = max(slowest, text.took), max(latest, f.At.Sub(text.at))
	}
	s.T.Logf("%s: noticed after %v; %d texts, acknowledged after at most %v, shown by the other node after at most %v",
		fault.name, noticed.Round(100*time.Millisecond), len(sent), slowest.Round(time.Millisecond), latest.Round(time.Millisecond))
	harness.CheckDuration(s.T, "an acknowledgement", slowest, 2*time.Second)
	harness.CheckDuration(s.T, "a frame", latest, fault.maxDelay+shortTime/2)
}

// probed asks the nodes every second whether they are ready, as a load balancer
// does, until it is ended. In a timed run they always are, and each answers within
// a second or the next time; else the machine may be too slow for them.
func (s *fleet) probeReadiness() (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var asking sync.WaitGroup
	client := harness.NewClient()
	client.Transport = &http.Transport{DisableKeepAlives: true}
	if harness.ChecksDurations() {
		client.Timeout = time.Second
	}
	for i, n := range s.Nodes {
		asking.Go(func() {
			for silent := 0; harness.Sleep(ctx, time.Second); {
				resp, err := client.Get("http://" + n.Admin + "/readyz")
				if silent++; err == nil {
					if silent = 0; resp.StatusCode != http.StatusOK && harness.ChecksDurations() {
						s.T.Errorf("node %d says that it is not ready: %d", i, resp.StatusCode)
					}
					_ = resp.Body.Close()
				}
				if silent == 2 {
					s.T.Errorf("node %d does not say that it is ready: %v", i, err)
				}
			}
		})
	}
	return func() {
		cancel()
		asking.Wait()
	}
}

// An arrival is a text that was acknowledged.
type acknowledgedText struct {
	body string
	at   time.Time
	took time.Duration
}

// drizzle hands the first node ten texts a second until during returns, which can
// wait until more of them were acknowledged. Each has to be taken.
func (s *fleet) sendDuring(name string, during func(more func(texts int))) (sent []acknowledgedText) {
	s.T.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var acknowledged atomic.Int64
	var sending sync.WaitGroup
	sending.Go(func() {
		client := harness.NewClient()
		for n := 0; harness.Sleep(ctx, 100*time.Millisecond); n++ {
			a := acknowledgedText{body: fmt.Sprintf("m-%s-%d", name, n), at: time.Now()}
			status, err := s.DeliverAgain(s.Nodes[0], client, "SM-"+a.body, s.Shoppers[0].Phone, a.body)
			if a.took = time.Since(a.at); err != nil || status != http.StatusOK {
				s.T.Errorf("%s was answered %d: %v", a.body, status, err)
				continue
			}
			acknowledged.Add(1)
			sent = append(sent, a)
		}
	})
	defer func() { // also when something fails
		cancel()
		sending.Wait()
	}()
	during(func(texts int) {
		s.T.Helper()
		enough := acknowledged.Load() + int64(texts)
		harness.Until(s.T, fmt.Sprint(texts, " more texts are acknowledged"), func() bool { return acknowledged.Load() >= enough })
	})
	cancel()
	sending.Wait()
	return sent
}

// TestFleetCutOff: when only one node can't reach Redis, what it takes is shown by
// the other, which can, within the same time.
func TestFleetCutOff(t *testing.T) {
	t.Parallel()
	s := newFleet(t, harness.Plan{Shoppers: 1, Nodes: 2})
	s.Start()
	atB := s.View(s.Nodes[1], s.Agents[0], s.Shoppers[0].Conversation)
	arrives := func(body string) (late time.Duration) {
		t.Helper()
		at := time.Now()
		s.MustDeliver(s.Nodes[0], "SM-"+body, s.Shoppers[0].Phone, body)
		f := atB.Await(body, func(f harness.Frame) bool { _, ok := f.FindText(body); return ok })
		return f.At.Sub(at)
	}
	arrives("in touch") // so the other node has heard of this one
	s.Nodes[0].Proxies.Redis.Drop("upstream", "downstream")
	harness.Until(t, "the node says that it is degraded", func() bool { return strings.HasPrefix(s.Nodes[0].Readiness(), "200 degraded") })
	if said := s.Nodes[1].Readiness(); !strings.HasPrefix(said, "200 ") {
		t.Errorf("the other node says %s", said)
	}
	for i := range 5 {
		body := fmt.Sprint("cut off ", i)
		harness.CheckDuration(t, body, arrives(body), 3500*time.Millisecond)
	}
}
