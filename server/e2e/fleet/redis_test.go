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

// A redisFault is a fault of Redis or of the connection to it.
type redisFault struct {
	name     string
	begin    func(*fleet)
	end      func(*fleet)
	minTexts int           // to be acknowledged while it lasts
	maxDelay time.Duration // until a change reaches a pop-up on another node
	degraded bool          // the nodes report it in their readiness check
}

// detectionTime is how long it takes to detect a half-open connection: three heartbeats
// are missing. See hub.Bus.
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

// eachProxy applies do to all nodes' proxies of Redis.
func eachProxy(do func(*harness.Proxy)) func(*fleet) {
	return func(s *fleet) {
		for _, n := range s.Nodes {
			do(n.Proxies.Redis)
		}
	}
}

// TestFleetRedis checks that, whatever happens to Redis, texts are acknowledged, what
// one node receives is shown by the other, and the nodes recover without help; and that
// an agent whose node was killed does not stay present.
func TestFleetRedis(t *testing.T) {
	t.Parallel()
	s := newFleet(t, harness.Plan{Shoppers: 2, Nodes: 3})
	s.Start()
	anna, ben := s.View(s.Nodes[0], s.Agents[0], s.Shoppers[1].Conversation), s.View(s.Nodes[2], s.Agents[1], s.Shoppers[1].Conversation)
	for _, v := range []*harness.Viewer{anna, ben} {
		v.Await("both are present", func(f harness.Frame) bool { return f.PeopleNames() == "Anna Berg, Ben Okafor" })
	}
	seen, killed := anna.Count(), time.Now()
	s.Nodes[2].Kill()
	s.Nodes = s.Nodes[:2]
	atB := s.View(s.Nodes[1], s.Agents[0], s.Shoppers[0].Conversation)
	for _, fault := range redisFaults {
		t.Run(fault.name, func(t *testing.T) { s.withT(t).checkFault(fault, atB) })
	}
	f := anna.AwaitAfter(seen, "Ben is gone", func(f harness.Frame) bool { return f.Type == "presence" && f.PeopleNames() == "Anna Berg" })
	harness.CheckDuration(t, "removing Ben's presence", f.At.Sub(killed), 40*time.Second+shortTime)
}

// checkFault posts texts to the first node before, during and after a fault.
func (s *fleet) checkFault(fault redisFault, atB *harness.Viewer) {
	var detected time.Duration
	defer s.probeReadiness()()
	sent := s.sendDuring(fault.name, func(await func(texts int)) {
		fault.begin(s)
		begin := time.Now()
		if fault.degraded {
			for _, n := range s.Nodes {
				harness.Until(s.T, "a node is degraded", func() bool { return strings.HasPrefix(n.Readiness(), "200 degraded") })
			}
			detected = time.Since(begin)
		}
		await(fault.minTexts)
		fault.end(s)
		await(10)
	})
	for _, n := range s.Nodes {
		harness.Until(s.T, "a node is ready again", func() bool { return strings.HasPrefix(n.Readiness(), "200 ready") })
	}
	var slowest, latest time.Duration
	for _, text := range sent {
		f := atB.Await(text.body, func(f harness.Frame) bool { _, ok := f.FindText(text.body); return ok })
		slowest, latest = max(slowest, text.took), max(latest, f.At.Sub(text.at))
	}
	s.T.Logf("%s: detected after %v; %d texts, acknowledged after at most %v, shown by the other node after at most %v",
		fault.name, detected.Round(100*time.Millisecond), len(sent), slowest.Round(time.Millisecond), latest.Round(time.Millisecond))
	harness.CheckDuration(s.T, "an acknowledgement", slowest, 2*time.Second)
	harness.CheckDuration(s.T, "a frame", latest, fault.maxDelay+shortTime/2)
}

// probeReadiness checks every second whether the nodes are ready, as a load balancer
// does, until stop is called. A node must not fail to answer twice in a row. In a run
// that checks durations the time-out is a second, and nodes must always be ready.
func (s *fleet) probeReadiness() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var probing sync.WaitGroup
	client := harness.NewClient()
	client.Transport = &http.Transport{DisableKeepAlives: true}
	if harness.ChecksDurations() {
		client.Timeout = time.Second
	}
	for i, n := range s.Nodes {
		probing.Go(func() {
			for failed := 0; harness.Sleep(ctx, time.Second); {
				resp, err := client.Get("http://" + n.Admin + "/readyz")
				if failed++; err == nil {
					if failed = 0; resp.StatusCode != http.StatusOK && harness.ChecksDurations() {
						s.T.Errorf("node %d is not ready: status %d", i, resp.StatusCode)
					}
					_ = resp.Body.Close()
				}
				if failed == 2 {
					s.T.Errorf("node %d does not answer its readiness check: %v", i, err)
				}
			}
		})
	}
	return func() {
		cancel()
		probing.Wait()
	}
}

// An acknowledgedText is a text and how its acknowledgement went.
type acknowledgedText struct {
	body string
	at   time.Time     // when it was sent
	took time.Duration // until it was acknowledged
}

// sendDuring posts ten texts a second to the first node until during returns. during can
// await more acknowledged texts. Each text has to be accepted.
func (s *fleet) sendDuring(name string, during func(await func(texts int))) (sent []acknowledgedText) {
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
				s.T.Errorf("%s: status %d: %v", a.body, status, err)
				continue
			}
			acknowledged.Add(1)
			sent = append(sent, a)
		}
	})
	defer func() { // also when during ends the test
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

// TestFleetCutOff checks that, when only one node cannot reach Redis, what it receives is
// shown by the other node within the same time.
func TestFleetCutOff(t *testing.T) {
	t.Parallel()
	s := newFleet(t, harness.Plan{Shoppers: 1, Nodes: 2})
	s.Start()
	atB := s.View(s.Nodes[1], s.Agents[0], s.Shoppers[0].Conversation)
	timeToShow := func(body string) time.Duration {
		t.Helper()
		at := time.Now()
		s.MustDeliver(s.Nodes[0], "SM-"+body, s.Shoppers[0].Phone, body)
		f := atB.Await(body, func(f harness.Frame) bool { _, ok := f.FindText(body); return ok })
		return f.At.Sub(at)
	}
	timeToShow("before") // now the other node knows this one
	s.Nodes[0].Proxies.Redis.Drop("upstream", "downstream")
	harness.Until(t, "the node is degraded", func() bool { return strings.HasPrefix(s.Nodes[0].Readiness(), "200 degraded") })
	if answer := s.Nodes[1].Readiness(); !strings.HasPrefix(answer, "200 ") {
		t.Errorf("the other node's readiness: %s", answer)
	}
	for i := range 5 {
		body := fmt.Sprint("cut off ", i)
		harness.CheckDuration(t, body, timeToShow(body), 3500*time.Millisecond)
	}
}
