package harness

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"slices"
	"strings"
	"sync"
	"time"

	"sidetext/chat"
	"sidetext/pretend/gorgias"
	"sidetext/pretend/twilio"
)

// A Text is a shopper's text with the provider's id.
type Text struct {
	SID, Body string
	Shopper   *Shopper
	At        time.Time
}

// Traffic plays shoppers, who text, and agents, who answer from their screens and close
// tickets.
type Traffic struct {
	*System
	Screens []*Screen

	mu         sync.Mutex
	sent       []Text
	agentTexts int // texts by agents
	closed     int // tickets
	texts      map[*Shopper]int
}

// NewTraffic returns traffic that has not begun.
func NewTraffic(s *System) *Traffic { return &Traffic{System: s, texts: map[*Shopper]int{}} }

// OpenScreens adds screens for every conversation, as many as there are viewers. Run
// each to connect it.
func (c *Traffic) OpenScreens(viewers int) {
	for i, p := range c.Shoppers {
		for v := range viewers {
			c.Screens = append(c.Screens, c.popup(i+v, p))
		}
	}
}

// Run lets shoppers text, agents answer and tickets close until ctx ends, and returns
// when all have stopped. The caller runs the screens.
func (c *Traffic) Run(ctx context.Context, round int) {
	seed := c.Seed + uint64(round)
	var busy sync.WaitGroup
	for i, p := range c.Shoppers {
		often := 400 * time.Millisecond
		if i < c.Plan.Customers { // the helpdesk allows two requests a second
			often = 5 * time.Second
		}
		busy.Go(func() { c.sendTexts(ctx, NewRandom(seed, "shopper "+p.Phone), p, often) })
	}
	for i, s := range c.Screens {
		if p := c.shopperOf(s); slices.Index(c.Shoppers, p) < c.Plan.Customers {
			busy.Go(func() { c.answerTexts(ctx, NewRandom(seed, fmt.Sprint("agent ", i)), i, s) })
		}
	}
	busy.Go(func() { c.closeTickets(ctx, NewRandom(seed, "helpdesk")) })
	busy.Wait()
}

func (c *Traffic) shopperOf(s *Screen) *Shopper {
	i := slices.IndexFunc(c.Shoppers, func(p *Shopper) bool { return p.Conversation == s.conversation })
	return c.Shoppers[i]
}

// sendTexts sends a shopper's texts: mostly those that need a person, sometimes a
// keyword. Some follow each other closely.
func (c *Traffic) sendTexts(ctx context.Context, d *Random, p *Shopper, often time.Duration) {
	for Sleep(ctx, d.Between(often/4, 2*often)) {
		if c.Twilio.Delivering() >= len(c.Shoppers) {
			continue // the machine is too slow for more
		}
		for range 1 + d.IntN(5)/3 {
			c.mu.Lock()
			c.texts[p]++
			body := fmt.Sprintf("m-%d-%d", slices.Index(c.Shoppers, p), c.texts[p])
			c.mu.Unlock()
			if d.Chance(0.15) {
				body = []string{"MENU", "help", "START", "START", "STOP"}[d.IntN(5)]
			}
			var pictures []twilio.Media
			if d.Chance(0.05) {
				pictures = append(pictures, twilio.Media{Type: "image/png", Data: pixel, NotFoundTimes: d.IntN(3)})
			}
			at := time.Now()
			sid := c.Twilio.Text(p.Phone, Number, body, pictures...)
			c.Record(Text{sid, body, p, at})
		}
	}
}

// pixel is a picture of one pixel.
var pixel = func() []byte {
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		panic(err)
	}
	return file.Bytes()
}()

// Send sends an agent's text from a screen.
func (c *Traffic) Send(ctx context.Context, s *Screen, frame map[string]any) {
	c.mu.Lock()
	c.agentTexts++
	c.mu.Unlock()
	frame["type"] = "send"
	s.Do(ctx, frame)
}

// answerTexts sends an agent's texts, and decides about texts with an unknown outcome.
func (c *Traffic) answerTexts(ctx context.Context, d *Random, agent int, s *Screen) {
	for n := 1; Sleep(ctx, d.Between(3*time.Second, 20*time.Second)); n++ {
		c.decideUnknown(ctx, d, s)
		_, _, last, _ := s.shown()
		c.Send(ctx, s, map[string]any{"id": fmt.Sprintf("agent-%d-%06d", agent, n), "text": fmt.Sprintf("a-%d-%d", agent, n), "seen": last, "anyway": false})
	}
}

// decideUnknown makes a random decision about each text that waits for one.
func (c *Traffic) decideUnknown(ctx context.Context, d *Random, s *Screen) {
	entries, _, last, _ := s.shown()
	for seq, e := range entries {
		if e.State != chat.Unknown || e.Problem == nil || e.Problem.Code != "missing" && e.Problem.Code != "no_evidence" {
			continue
		}
		decision := []string{"check", "again", "leave"}[d.IntN(3)]
		frame := map[string]any{"type": decision, "id": fmt.Sprintf("%s-%06d-%06d", decision, seq, d.IntN(1_000_000)), "seq": seq}
		if decision == "again" {
			frame["seen"], frame["anyway"] = last, true
		}
		s.Do(ctx, frame)
	}
}

// closeTickets closes a ticket in the helpdesk now and then, which hands its
// conversation back to automation.
func (c *Traffic) closeTickets(ctx context.Context, d *Random) {
	for Sleep(ctx, d.Between(2*time.Second, 6*time.Second)) {
		open := slices.DeleteFunc(c.Gorgias.Tickets(), func(k gorgias.Ticket) bool { return k.Status != "open" })
		if len(open) > 0 && c.Gorgias.SetStatus(open[d.IntN(len(open))].ID, 0, "closed") == nil {
			c.mu.Lock()
			c.closed++
			c.mu.Unlock()
		}
	}
}

// Record records a text that was sent, for Judge.
func (c *Traffic) Record(t Text) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent = append(c.sent, t)
}

// Sent returns all texts that shoppers sent.
func (c *Traffic) Sent() []Text {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.sent)
}

// AwaitTexts waits until this many more texts of shoppers were acknowledged.
func (c *Traffic) AwaitTexts(more int) {
	c.T.Helper()
	enough := c.Network.Acknowledged() + more
	Until(c.T, fmt.Sprint(more, " more texts are acknowledged"), func() bool { return c.Network.Acknowledged() >= enough })
}

// Settle waits until Judge finds no violation, or one that waiting cannot resolve, or
// until the verdict has not changed for MaxWait. It returns how long that took and the
// last verdict.
func (c *Traffic) Settle() (time.Duration, Verdict) {
	c.T.Helper()
	begin := time.Now()
	for changed, last := begin, ""; ; <-time.After(250 * time.Millisecond) {
		v, err := c.Judge()
		Must(c.T, err)
		if now := v.String(); now != last {
			changed, last = time.Now(), now
		}
		if len(v) == 0 || v.Count(Final...) > 0 || time.Since(changed) > MaxWait {
			return time.Since(begin).Round(100 * time.Millisecond), v
		}
	}
}

// String summarizes what was done.
func (c *Traffic) String() string {
	var connects, decided int
	for _, s := range c.Screens {
		s.mu.Lock()
		connects += s.connects
		for id := range s.requests {
			if !strings.HasPrefix(id, "agent-") {
				decided++
			}
		}
		s.mu.Unlock()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return fmt.Sprintf("%d texts in, %d texts by agents, %d decisions, %d tickets closed; %d texts accepted by the provider; %d connections of %d screens",
		len(c.sent), c.agentTexts, decided, c.closed, len(c.Twilio.Accepted()), connects, len(c.Screens))
}
