package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"sidetext/pretend/twilio"
)

// settle waits until nothing is missing any more, or until something is wrong
// that no waiting puts right, and returns how long that took.
func (c *crowd) settle(patience time.Duration) (time.Duration, verdict) {
	c.t.Helper()
	for begin := time.Now(); ; <-time.After(250 * time.Millisecond) {
		v, err := c.judge()
		must(c.t, err)
		if took := time.Since(begin).Round(100 * time.Millisecond); len(v) == 0 || v.count(final...) > 0 || took > patience {
			return took, v
		}
	}
}

// busy has everybody act, with a screen or two for each conversation, while
// something happens to the nodes. Then it stops, with the screens on.
func (c *crowd) busy(viewers int, during func()) (hangUp func()) {
	c.t.Helper()
	c.begin()
	c.look(viewers)
	every := 300 * time.Millisecond
	if c.plan.desk { // it takes two notes a second
		every = 4 * time.Second
	}
	watching, off := context.WithCancel(context.Background())
	var looking, acting sync.WaitGroup
	for _, s := range c.screens {
		looking.Go(func() { s.run(watching) })
	}
	hangUp = sync.OnceFunc(func() {
		off()
		looking.Wait()
	})
	c.t.Cleanup(hangUp)
	ctx, enough := context.WithCancel(context.Background())
	acting.Go(func() { c.live(ctx, 0) })
	for i, s := range c.screens {
		if i < 4 { // those of two customers
			acting.Go(func() { c.chatting(ctx, i, s, every) })
		}
	}
	defer acting.Wait()
	defer enough()
	during()
	return hangUp
}

// chatting has an agent answer again and again.
func (c *crowd) chatting(ctx context.Context, agent int, s *screen, every time.Duration) {
	for n := 0; sleep(ctx, every); n++ {
		c.mu.Lock()
		c.sends++
		c.mu.Unlock()
		s.want(ctx, map[string]any{"type": "send", "id": fmt.Sprintf("agent-%d-%06d", 100+agent, n), "text": fmt.Sprintf("a-%d-%d", 100+agent, n), "seen": 1 << 40, "anyway": true})
	}
}

// TestFleetKill: a node is killed under load and does not come back. What it had
// acknowledged is there once, and the texts that it had in hand are sent by the
// other, or found out about.
func TestFleetKill(t *testing.T) {
	t.Parallel()
	c := newCrowd(besiege(t, plan{shoppers: 12, customers: 2, nodes: 2}))
	c.busy(2, func() {
		<-time.After(4 * time.Second)
		c.nodes[1].kill()
		<-time.After(3 * time.Second)
	})
	took, v := c.settle(time.Minute)
	t.Logf("%d texts in, %d by agents: settled %v after the last", len(c.allTexted()), c.sends, took)
	if len(v) > 0 || took > 15*time.Second {
		t.Errorf("after %v: %v", took, v)
	}
	must(t, c.nodes[0].died())
}

// TestFleetRolling: both nodes are restarted, one after the other, under load. The
// provider hears nothing but 2xx, pages are told to come back and do, and nothing
// is lost or doubled.
func TestFleetRolling(t *testing.T) {
	t.Parallel()
	c := newCrowd(besiege(t, plan{shoppers: 12, customers: 2, desk: true, nodes: 2}))
	c.Twilio.SetCourse(twilio.Course{Step: 50 * time.Millisecond})
	var told []int
	c.busy(2, func() {
		for _, n := range c.nodes {
			v := c.view(n, c.agents[0], c.people[0].id)
			<-time.After(time.Second)
			must(t, n.stop())
			told = append(told, v.closed(soon))
			must(t, n.start())
			until(t, 20*time.Second, "requests are passed to it again", n.well.Load)
		}
		<-time.After(time.Second)
	})
	took, v := c.settle(time.Minute)
	refused := c.refused()
	t.Logf("%d texts in, %d by agents, %d calls of ours by the provider: settled %v after the last", len(c.allTexted()), c.sends, len(c.Twilio.Calls()), took)
	if len(v) > 0 || took > 15*time.Second {
		t.Errorf("after %v: %v", took, v)
	}
	if len(refused) > 0 {
		t.Errorf("the provider was refused: %v", refused)
	}
	for _, code := range told {
		if code != 1012 {
			t.Errorf("a page was told %d", code)
		}
	}
}

// refused are the calls of the provider that were not answered 2xx.
func (s *siege) refused() (all []string) {
	for _, call := range s.Twilio.Calls() {
		if call.Status/100 != 2 {
			all = append(all, fmt.Sprintf("%s %d %s", call.URL[strings.LastIndex(call.URL, "/hooks/")+1:], call.Status, call.Failure))
		}
	}
	return all
}

// steady hands texts to all nodes in turn until ctx ends, with so many senders
// that have so long a break after each, and returns those that were acknowledged.
func (s *siege) steady(ctx context.Context, name string, senders int, pause time.Duration, heard func(status int, took time.Duration)) map[string]bool {
	var mu sync.Mutex
	acknowledged := map[string]bool{}
	var sending sync.WaitGroup
	for sender := range senders {
		sending.Go(func() {
			client := posting()
			defer client.CloseIdleConnections()
			for n := 0; sleep(ctx, pause); n++ {
				sid := fmt.Sprintf("SM-%s-%d-%d", name, sender, n)
				at := time.Now()
				status, err := s.hand(s.nodes[(sender+n)%len(s.nodes)], client, sid, s.people[(sender+n)%len(s.people)].phone, sid)
				if err != nil {
					status = 0
				}
				heard(status, time.Since(at))
				if status == http.StatusOK {
					mu.Lock()
					acknowledged[sid] = true
					mu.Unlock()
				}
			}
		})
	}
	sending.Wait()
	return acknowledged
}

// holds: of what was acknowledged each is there once.
func (v verdict) holds(now *truth, acknowledged map[string]bool) {
	v.places(now)
	there := map[string]int{}
	for _, c := range now.conversations {
		for _, e := range c.entries {
			there[e.Origin]++
		}
	}
	for sid := range acknowledged {
		switch there["twilio:"+sid] {
		case 0:
			v.find(lost, "%s", sid)
		case 1:
		default:
			v.find(doubled, "%s", sid)
		}
	}
}
