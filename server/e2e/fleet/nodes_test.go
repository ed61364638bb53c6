package fleet_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"sidetext/pretend/twilio"
	"sidetext/server/e2e/harness"
)

// runDuring runs traffic, with some screens for each conversation, while during does
// something to the nodes. The screens stay connected until disconnect.
func (c *traffic) runDuring(viewers int, during func()) (disconnect func()) {
	c.T.Helper()
	c.Start()
	c.OpenScreens(viewers)
	every := 300 * time.Millisecond
	if c.Plan.Helpdesk { // which allows two requests a second
		every = 4 * time.Second
	}
	connected, stop := context.WithCancel(context.Background())
	var screens, acting sync.WaitGroup
	for _, s := range c.Screens {
		screens.Go(func() { s.Run(connected) })
	}
	disconnect = sync.OnceFunc(func() {
		stop()
		screens.Wait()
	})
	c.T.Cleanup(disconnect)
	ctx, enough := context.WithCancel(context.Background())
	acting.Go(func() { c.Run(ctx, 0) })
	for i, s := range c.Screens {
		if i < 4 { // the screens of two customers
			acting.Go(func() { c.sendReplies(ctx, i, s, every) })
		}
	}
	defer acting.Wait()
	defer enough()
	during()
	return disconnect
}

// sendReplies sends an agent's texts until ctx ends.
func (c *traffic) sendReplies(ctx context.Context, agent int, s *harness.Screen, every time.Duration) {
	for n := 0; harness.Sleep(ctx, every); n++ {
		c.Send(ctx, s, map[string]any{"id": fmt.Sprintf("agent-%d-%06d", 100+agent, n), "text": fmt.Sprintf("a-%d-%d", 100+agent, n), "seen": 1 << 40, "anyway": true})
	}
}

// TestFleetKill kills a node under load and does not restart it. What it acknowledged is
// stored once, and the other node sends the texts that it was sending, or finds out what
// happened to them.
func TestFleetKill(t *testing.T) {
	t.Parallel()
	c := newTraffic(harness.New(t, harness.Plan{Shoppers: 12, Customers: 2, Nodes: 2}))
	c.runDuring(2, func() {
		c.AwaitTexts(60)
		c.Nodes[1].Kill()
		c.AwaitTexts(40)
	})
	took, v := c.Settle()
	t.Logf("%v: settled %v after the end", c, took)
	if len(v) > 0 {
		t.Errorf("after %v:%v", took, v)
	}
	harness.CheckDuration(t, "settling", took, 15*time.Second)
	harness.Must(t, c.Nodes[0].Died())
}

// TestFleetRolling restarts both nodes, one after the other, under load. The provider
// gets only 2xx, pages are told to reconnect and do, and nothing is lost or doubled.
func TestFleetRolling(t *testing.T) {
	t.Parallel()
	c := newTraffic(harness.New(t, harness.Plan{Shoppers: 12, Customers: 2, Helpdesk: true, Nodes: 2}))
	c.Twilio.SetCourse(twilio.Course{Step: 50 * time.Millisecond})
	var codes []int
	c.runDuring(2, func() {
		for _, n := range c.Nodes {
			v := c.View(n, c.Agents[0], c.Shoppers[0].Conversation)
			c.AwaitTexts(20)
			harness.Must(t, n.Stop())
			codes = append(codes, v.CloseCode())
			harness.Must(t, n.Start())
			harness.Until(t, "the balancer uses the node again", n.WasReady.Load)
		}
		c.AwaitTexts(20)
	})
	took, v := c.Settle()
	t.Logf("%v; %d webhook calls: settled %v after the end", c, len(c.Twilio.Calls()), took)
	if len(v) > 0 {
		t.Errorf("after %v:%v", took, v)
	}
	harness.CheckDuration(t, "settling", took, 15*time.Second)
	if refused := c.Refused(); len(refused) > 0 {
		t.Errorf("webhook calls were refused: %v", refused)
	}
	for _, code := range codes {
		if code != 1012 {
			t.Errorf("a page was closed with code %d", code)
		}
	}
}

// sendTexts posts texts to all nodes in turn until ctx ends. Each sender pauses before
// each text. It calls answered after each, with status 0 for an error, and returns the
// SIDs of the acknowledged texts.
func (s *fleet) sendTexts(ctx context.Context, name string, senders int, pause time.Duration, answered func(status int, took time.Duration)) map[string]bool {
	var mu sync.Mutex
	acknowledged := map[string]bool{}
	var sending sync.WaitGroup
	for sender := range senders {
		sending.Go(func() {
			client := harness.NewClient()
			defer client.CloseIdleConnections()
			for n := 0; harness.Sleep(ctx, pause); n++ {
				sid := fmt.Sprintf("SM-%s-%d-%d", name, sender, n)
				at := time.Now()
				status, err := s.Deliver(s.Nodes[(sender+n)%len(s.Nodes)], client, sid, s.Shoppers[(sender+n)%len(s.Shoppers)].Phone, sid)
				if err != nil {
					status = 0
				}
				answered(status, time.Since(at))
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
