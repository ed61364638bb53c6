package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"slices"
	"sync"
	"time"

	"sidetext/chat"
	"sidetext/pretend/gorgias"
	"sidetext/pretend/twilio"
)

// A texted is a text that a shopper sent, as the provider knows it.
type texted struct {
	sid, body string
	person    *person
	at        time.Time
}

// A crowd is everybody who uses the shop while it is under attack.
type crowd struct {
	*siege
	screens []*screen

	mu     sync.Mutex
	said   []texted
	sends  int
	closed int
	texts  map[*person]int // how many texts somebody has sent
}

func newCrowd(s *siege) *crowd { return &crowd{siege: s, texts: map[*person]int{}} }

// look gives every conversation as many viewers as asked for.
func (c *crowd) look(viewers int) {
	for i, p := range c.people {
		for v := range viewers {
			c.screens = append(c.screens, c.popup(i+v, p))
		}
	}
}

// live has everybody act until ctx ends, and waits for them. Screens stay on
// until watching ends.
func (c *crowd) live(ctx context.Context, round int) {
	seed := c.seed + uint64(round)
	var busy sync.WaitGroup
	for i, p := range c.people {
		often := 400 * time.Millisecond
		if i < c.plan.customers { // the helpdesk takes two requests a second
			often = 5 * time.Second
		}
		busy.Go(func() { c.texting(ctx, newDice(seed, "shopper "+p.phone), p, often) })
	}
	for i, s := range c.screens {
		if p := c.personOf(s); slices.Index(c.people, p) < c.plan.customers {
			busy.Go(func() { c.answering(ctx, newDice(seed, fmt.Sprint("agent ", i)), i, s) })
		}
	}
	busy.Go(func() { c.closing(ctx, newDice(seed, "desk")) })
	busy.Wait()
}

func (c *crowd) personOf(s *screen) *person {
	i := slices.IndexFunc(c.people, func(p *person) bool { return p.id == s.conversation })
	return c.people[i]
}

// texting has a shopper text: mostly what nobody but a person understands, now and
// then what automation answers. Some texts come close together.
func (c *crowd) texting(ctx context.Context, d *dice, p *person, often time.Duration) {
	for sleep(ctx, d.within(often/4, 2*often)) {
		for range 1 + d.below(5)/3 {
			c.mu.Lock()
			c.texts[p]++
			body := fmt.Sprintf("m-%d-%d", slices.Index(c.people, p), c.texts[p])
			c.mu.Unlock()
			if d.under(0.15) {
				body = []string{"MENU", "help", "START", "START", "STOP"}[d.below(5)]
			}
			var pictures []twilio.Media
			if d.under(0.05) {
				pictures = append(pictures, twilio.Media{Type: "image/png", Data: pixel, NotYet: d.below(3)})
			}
			at := time.Now()
			sid := c.Twilio.Text(p.phone, demoNumber, body, pictures...)
			c.heard(texted{sid, body, p, at})
		}
	}
}

// pixel is a picture.
var pixel = func() []byte {
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		panic(err)
	}
	return file.Bytes()
}()

// answering has an agent answer, and decide what nobody else can.
func (c *crowd) answering(ctx context.Context, d *dice, agent int, s *screen) {
	for n := 1; sleep(ctx, d.within(3*time.Second, 20*time.Second)); n++ {
		c.decide(ctx, d, s)
		c.mu.Lock()
		c.sends++
		c.mu.Unlock()
		_, _, last, _ := s.copied()
		s.want(ctx, map[string]any{"type": "send", "id": fmt.Sprintf("agent-%d-%06d", agent, n), "text": fmt.Sprintf("a-%d-%d", agent, n), "seen": last, "anyway": false})
	}
}

// decide does something about the texts that need a person.
func (c *crowd) decide(ctx context.Context, d *dice, s *screen) {
	entries, _, last, _ := s.copied()
	for seq, e := range entries {
		if e.State != chat.Unknown || e.Problem == nil || e.Problem.Code != "missing" && e.Problem.Code != "no_evidence" {
			continue
		}
		what := []string{"check", "again", "leave"}[d.below(3)]
		frame := map[string]any{"type": what, "id": fmt.Sprintf("%s-%06d-%06d", what, seq, d.below(1_000_000)), "seq": seq}
		if what == "again" {
			frame["seen"], frame["anyway"] = last, true
		}
		s.want(ctx, frame)
	}
}

// closing has somebody at the helpdesk close a ticket now and then, which hands
// its conversation back to automation.
func (c *crowd) closing(ctx context.Context, d *dice) {
	for sleep(ctx, d.within(2*time.Second, 6*time.Second)) {
		open := slices.DeleteFunc(c.Gorgias.Tickets(), func(k gorgias.Ticket) bool { return k.Status != "open" })
		if len(open) > 0 && c.Gorgias.SetStatus(open[d.below(len(open))].ID, 0, "closed") == nil {
			c.mu.Lock()
			c.closed++
			c.mu.Unlock()
		}
	}
}

func (c *crowd) heard(t texted) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.said = append(c.said, t)
}

func (c *crowd) allTexted() []texted {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.said)
}

// sleep waits and reports whether ctx lasted as long.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}
