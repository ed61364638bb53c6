package fleet_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"sidetext/chat"
	"sidetext/server/e2e/harness"
)

// A page is the connection of a pop-up and little more, so that there can be thousands.
// It reconnects as public/popup/net/connection.js does and checks that no change is missing.
type page struct {
	nextNode func() string // host:port
	header   http.Header
	id       chat.ConversationID

	mu       sync.Mutex
	openedAt time.Time // when the conversation was opened; zero if it is not open
	rev      int64
	last     int64
	epoch    string
	gaps     int
	attempts []time.Time
}

// run stays connected until ctx ends.
func (p *page) run(ctx context.Context) {
	for attempt := 0; ctx.Err() == nil; attempt++ {
		begin := time.Now()
		code := p.connect(ctx)
		if p.isOpen() && time.Since(begin) > harness.StableAfter {
			attempt = 0
		}
		p.mu.Lock()
		p.openedAt = time.Time{}
		p.mu.Unlock()
		if !harness.Sleep(ctx, reconnectPause(code, attempt)) {
			return
		}
	}
}

// reconnectPause is reconnectDelay of public/popup/net/reconnect-delay.js.
func reconnectPause(code, attempt int) time.Duration {
	if code == 4001 && attempt == 0 {
		return 0
	}
	if code == 1012 && attempt == 0 {
		return rand.N(10 * time.Second)
	}
	const least = 500 * time.Millisecond
	return least + rand.N(min(30*time.Second, time.Second<<min(attempt, 10))-least)
}

func (p *page) isOpen() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.openedAt.IsZero()
}

func (p *page) connect(ctx context.Context) (code int) {
	p.mu.Lock()
	p.attempts = append(p.attempts, time.Now())
	since, epoch := p.rev, p.epoch
	p.mu.Unlock()
	conn, _, err := harness.SmallDialer.DialContext(ctx, "ws://"+p.nextNode()+"/live", p.header)
	if err != nil {
		return 0
	}
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	defer conn.Close()
	for err = conn.WriteJSON(map[string]any{"type": "open", "conversation": p.id, "since": since, "epoch": epoch}); err == nil; {
		var data []byte
		_ = conn.SetReadDeadline(time.Now().Add(harness.SilenceTimeout))
		if _, data, err = conn.ReadMessage(); err == nil {
			err = p.handleFrame(data)
		}
	}
	var closed *websocket.CloseError
	if errors.As(err, &closed) {
		code = closed.Code
	}
	return code
}

var errGap = errors.New("a change is missing")

// handleFrame applies a frame. A gap is counted, and ends the connection.
func (p *page) handleFrame(data []byte) error {
	var f struct {
		Type, Epoch string
		Rev, From   int64
		Reset       bool
		Entries     []struct{ Seq int64 }
	}
	if err := json.Unmarshal(data, &f); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case f.Type == "opened":
		p.epoch, p.openedAt = f.Epoch, time.Now()
		if f.Reset && len(f.Entries) > 0 {
			p.last = f.Entries[0].Seq - 1
		}
	case f.Type != "changed" || f.Rev <= p.rev:
		return nil
	case f.From > p.rev:
		p.gaps++
		return errGap
	}
	for _, e := range f.Entries {
		if e.Seq > p.last+1 {
			p.gaps++
			return errGap
		}
		p.last = max(p.last, e.Seq)
	}
	p.rev = max(p.rev, f.Rev)
	return nil
}

// TestFleetStorm kills a node with STORM pop-ups. They reconnect to the other node
// without missing a change, and not all at the same moment.
func TestFleetStorm(t *testing.T) {
	t.Parallel()
	harness.RaiseFileLimit(t)
	many := harness.Size(t, "STORM", 500)
	s := newFleet(t, harness.Plan{Shoppers: 100, Nodes: 2, Direct: true})
	s.Start()
	a, b := s.Nodes[0], s.Nodes[1]
	killed := make(chan struct{})
	where := func() string {
		select {
		case <-killed:
			return s.Balancer.Next()
		default:
			return b.Listen
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	pages := make([]*page, many)
	for i := range pages {
		pages[i] = &page{nextNode: where, header: s.Agents[i%len(s.Agents)], id: s.Shoppers[i%len(s.Shoppers)].Conversation}
		running.Go(func() { pages[i].run(ctx) })
		if i%100 == 99 {
			harness.Until(t, "the pages are open", func() bool { return countOpen(pages[:i+1]) == i+1 })
		}
	}
	texting, quiet := context.WithCancel(ctx)
	running.Go(func() {
		client := harness.NewClient()
		for n := 0; harness.Sleep(texting, 50*time.Millisecond); n++ {
			if status, err := s.DeliverAgain(s.Node, client, fmt.Sprint("SM-storm-", n), s.Shoppers[n%100].Phone, "m-storm"); status != http.StatusOK || err != nil {
				t.Errorf("a text: status %d: %v", status, err)
			}
		}
	})
	memory := harness.Memory(a)
	begin := time.Now()
	close(killed)
	b.Kill()
	harness.Until(t, "95 % of the pages are open", func() bool { return countOpen(pages) >= many*95/100 })
	most := time.Since(begin)
	harness.Until(t, "all pages are open", func() bool { return countOpen(pages) == many })
	all := time.Since(begin)
	quiet()
	harness.Until(t, "all pages are up to date", func() bool { return upToDate(pages, s.MustSnapshot()) })
	t.Logf("%d pop-ups whose node was killed: 95 %% open after %v, all after %v; most attempts within a second: %d; memory of the other node %d → %d MiB",
		many, most.Round(10*time.Millisecond), all.Round(10*time.Millisecond), busiestSecond(pages, begin), memory>>20, harness.Memory(a)>>20)
	for _, p := range pages {
		if p.gaps > 0 {
			t.Errorf("a page missed a change %d times", p.gaps)
			break
		}
	}
	harness.CheckDuration(t, "reconnecting", most, 30*time.Second)
}

// countOpen counts the pages whose conversation is open.
func countOpen(pages []*page) (n int) {
	for _, p := range pages {
		if p.isOpen() {
			n++
		}
	}
	return n
}

// upToDate reports whether all pages show their conversations' newest revision.
func upToDate(pages []*page, now *harness.Snapshot) bool {
	return !slices.ContainsFunc(pages, func(p *page) bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.rev != now.Conversations[p.id].Rev || p.last != now.Conversations[p.id].Seq
	})
}

// busiestSecond returns how many attempts there were in the busiest second since then.
func busiestSecond(pages []*page, since time.Time) (most int) {
	seconds := map[time.Duration]int{}
	for _, p := range pages {
		p.mu.Lock()
		for _, at := range p.attempts {
			if at.After(since) {
				seconds[at.Sub(since).Truncate(time.Second)]++
			}
		}
		p.mu.Unlock()
	}
	for _, n := range seconds {
		most = max(most, n)
	}
	return most
}
