package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// client is a connection to the siege's Redis past all ways.
func (s *siege) client() *goredis.Client {
	return goredis.NewClient(&goredis.Options{Addr: s.base.redis.Addr, MaxRetries: -1})
}

// publish says something on every channel that the nodes listen to.
func (s *siege) publish(what string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), soon)
	defer cancel()
	client := s.client()
	defer client.Close()
	channels, err := client.PubSubChannels(ctx, "sidetext*").Result()
	must(s.t, err)
	if len(channels) == 0 {
		s.t.Fatal("nobody listens")
	}
	for _, channel := range channels {
		must(s.t, client.Publish(ctx, channel, what).Err())
	}
}

// hangUp ends the connections by which the nodes listen.
func (s *siege) hangUp() error {
	ctx, cancel := context.WithTimeout(context.Background(), soon)
	defer cancel()
	client := s.client()
	defer client.Close()
	return client.ClientKillByFilter(ctx, "TYPE", "pubsub").Err()
}

// A weather is something that Redis does, and how long a change may take to reach
// a pop-up on another node meanwhile.
type weather struct {
	name     string
	begin    func(*siege)
	end      func(*siege)
	lasts    time.Duration
	late     time.Duration
	degraded bool // the nodes notice, and say so
}

// Until three heartbeats are missed nobody knows of it: see hub.Bus.
const unnoticed = 3*2*time.Second + time.Second

var weathers = []weather{
	{"calm", func(*siege) {}, func(*siege) {}, time.Second, 0, false},
	{"killed", func(s *siege) { s.base.redis.Kill() }, func(s *siege) { s.base.redis.Restart(s.t) }, 2 * time.Second, 2500 * time.Millisecond, true},
	{"black-holed", everyWay(func(w *way) { w.swallow("upstream", "downstream") }), everyWay((*way).clear), time.Second, unnoticed + 2500*time.Millisecond, true},
	{"half-open", everyWay(func(w *way) { w.swallow("downstream") }), everyWay((*way).clear), time.Second, unnoticed + 2500*time.Millisecond, true},
	{"slow", everyWay(func(w *way) { w.slow(1000) }), everyWay((*way).clear), 3 * time.Second, 3500 * time.Millisecond, false},
	{"unheard", func(s *siege) { s.nodes[0].ways.redis.swallow("upstream") }, func(s *siege) { s.nodes[0].ways.redis.clear() }, 1500 * time.Millisecond, 15 * time.Second, false},
	{"hung up", func(s *siege) {
		if err := s.hangUp(); err != nil {
			s.t.Error(err)
		}
	}, func(*siege) {}, 2 * time.Second, 2500 * time.Millisecond, false},
}

// everyWay does something to all ways to Redis.
func everyWay(do func(*way)) func(*siege) {
	return func(s *siege) {
		for _, n := range s.nodes {
			do(n.ways.redis)
		}
	}
}

// TestFleetRedis: whatever Redis does, texts are acknowledged as ever, what one
// node takes is shown by the other soon, and nobody has to help. Meanwhile who was
// at a node that was killed is not shown as there for ever.
func TestFleetRedis(t *testing.T) {
	t.Parallel()
	s := besiege(t, plan{shoppers: 2, nodes: 3})
	s.begin()
	anna, ben := s.view(s.nodes[0], s.agents[0], s.people[1].id), s.view(s.nodes[2], s.agents[1], s.people[1].id)
	for _, v := range []*viewer{anna, ben} {
		v.await(soon, "both are there", func(f frame) bool { return f.names() == "Anna Berg, Ben Okafor" })
	}
	seen, killed := anna.count(), time.Now()
	s.nodes[2].kill()
	s.nodes = s.nodes[:2]
	atB := s.view(s.nodes[1], s.agents[0], s.people[0].id)
	for _, w := range weathers {
		t.Run(w.name, func(t *testing.T) { s.under(t).weathers(w, atB) })
	}
	f := anna.next(seen, 60*time.Second, "Ben is gone", func(f frame) bool { return f.Type == "presence" && f.names() == "Anna Berg" })
	if took := f.at.Sub(killed); took > 40*time.Second+soon {
		t.Errorf("Ben was there %v after his node was killed", took)
	}
}

// weathers sends texts to the first node while Redis does what it does, and for a
// moment after.
func (s *siege) weathers(w weather, atB *viewer) {
	var noticed time.Duration
	defer s.probed()()
	sent := s.drizzle(w, func() {
		w.begin(s)
		begun := time.Now()
		if w.degraded {
			for _, n := range s.nodes {
				until(s.t, unnoticed+soon, "a node says that it is degraded", func() bool { return strings.HasPrefix(n.answer(), "200 degraded") })
			}
			noticed = time.Since(begun)
		}
		<-time.After(w.lasts)
		w.end(s)
	})
	for _, n := range s.nodes {
		until(s.t, 3*soon, "a node is well again", func() bool { return strings.HasPrefix(n.answer(), "200 ready") })
	}
	var slowest, latest time.Duration
	for _, text := range sent {
		f := atB.await(soon, text.body, func(f frame) bool { _, ok := f.says(text.body); return ok })
		slowest, latest = max(slowest, text.took), max(latest, f.at.Sub(text.at))
	}
	s.t.Logf("%s: noticed after %v; %d texts, acknowledged after at most %v, shown by the other node after at most %v",
		w.name, noticed.Round(100*time.Millisecond), len(sent), slowest.Round(time.Millisecond), latest.Round(time.Millisecond))
	if most := 2 * time.Second; slowest > most {
		s.t.Errorf("an acknowledgement took %v", slowest)
	}
	if latest > w.late+soon/2 {
		s.t.Errorf("a frame was %v late", latest)
	}
}

// probed asks the nodes every second how they are, as a proxy does, until it is
// ended. Who serves says so within a second: of one who does not twice in a row a
// proxy would think that it is dead.
func (s *siege) probed() (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var asking sync.WaitGroup
	client := &http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for i, n := range s.nodes {
		asking.Go(func() {
			for silent := 0; sleep(ctx, time.Second); {
				resp, err := client.Get("http://" + n.admin + "/readyz")
				if silent++; err == nil {
					if silent = 0; resp.StatusCode != http.StatusOK {
						s.t.Errorf("node %d says that it does not serve: %d", i, resp.StatusCode)
					}
					_ = resp.Body.Close()
				}
				if silent == 2 {
					s.t.Errorf("node %d does not say in time that it serves: %v", i, err)
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
type arrival struct {
	body string
	at   time.Time
	took time.Duration
}

// drizzle hands the first node ten texts a second while something happens and a
// second more. Each has to be taken.
func (s *siege) drizzle(w weather, during func()) (sent []arrival) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var sending sync.WaitGroup
	sending.Go(func() {
		client := posting()
		for n := 0; sleep(ctx, 100*time.Millisecond); n++ {
			d := arrival{body: fmt.Sprintf("m-%s-%d", w.name, n), at: time.Now()}
			status, err := s.hand(s.nodes[0], client, "SM-"+d.body, s.people[0].phone, d.body)
			if d.took = time.Since(d.at); err != nil || status != http.StatusOK {
				s.t.Errorf("%s was answered %d: %v", d.body, status, err)
				continue
			}
			sent = append(sent, d)
		}
	})
	defer func() { // also when something fails
		cancel()
		sending.Wait()
	}()
	during()
	<-time.After(time.Second)
	cancel()
	sending.Wait()
	return sent
}

// TestFleetCutOff: when only one node can't reach Redis, what it takes is shown by
// the other, which can, as soon as when nobody could.
func TestFleetCutOff(t *testing.T) {
	t.Parallel()
	s := besiege(t, plan{shoppers: 1, nodes: 2})
	s.begin()
	atB := s.view(s.nodes[1], s.agents[0], s.people[0].id)
	client := posting()
	heard := time.Now().Add(-2 * time.Second) // when the other node heard of this one, surely
	for i := 0; time.Since(heard) > time.Second; i++ {
		body := fmt.Sprint("in touch ", i)
		heard = time.Now()
		if status, err := s.hand(s.nodes[0], client, fmt.Sprint("SM-in-touch-", i), s.people[0].phone, body); err != nil || status != http.StatusOK {
			t.Fatalf("answered %d: %v", status, err)
		}
		atB.await(20*time.Second, body, func(f frame) bool { _, ok := f.says(body); return ok })
	}
	s.nodes[0].ways.redis.swallow("upstream", "downstream")
	<-time.After(unnoticed + time.Second)
	for i := range 5 {
		body, at := fmt.Sprint("cut off ", i), time.Now()
		status, err := s.hand(s.nodes[0], client, fmt.Sprint("SM-cut-off-", i), s.people[0].phone, body)
		if err != nil || status != http.StatusOK {
			t.Fatalf("answered %d: %v", status, err)
		}
		f := atB.await(20*time.Second, body, func(f frame) bool { _, ok := f.says(body); return ok })
		if late := f.at.Sub(at); late > 3500*time.Millisecond {
			t.Errorf("%s was shown after %v", body, late)
		}
	}
}
