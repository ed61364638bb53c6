package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sidetext/chat"
)

// Whatever shoppers, agents, vendors and the clock do: a person has a
// conversation if and only if somebody was called, no text is sent twice or to
// somebody who wants silence, and in the end the helpdesk has each text that
// was handed over, once, with one open ticket at most.
func TestWhateverHappens(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp(folder, "")
		if err != nil {
			t.Fatal(err)
		}
		w, end := build(t, context.Background(), dir)
		defer end()
		m := &model{world: w, out: map[chat.Phone]bool{}, handed: map[string]bool{}}
		m.steps(t)
		m.heal()
		m.check(t)
	})
}

type model struct {
	*world
	n      int
	out    map[chat.Phone]bool // who wants silence
	handed map[string]bool     // what people in the helpdesk have to see
	lost   bool                // a ticket was
}

func (m *model) steps(t *rapid.T) {
	who := rapid.SampledFrom([]chat.Phone{jane, jane, jane, joe})
	// The courier asks at the same time as others, so the fate of a request is
	// no draw of its own.
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	one := func(of ...string) string {
		mu.Lock()
		defer mu.Unlock()
		return of[random.IntN(len(of))]
	}
	m.sender.fault = func(out chat.Outgoing) error {
		if m.out[out.To] {
			t.Errorf("%q was sent to somebody who wants silence", out.Text)
		}
		switch how := one("", "", "", "not sent", "rejected", "lost", "taken, lost", "taken, odd"); how {
		case "not sent":
			return failure(chat.NotSent)
		case "rejected":
			return failure(chat.Rejected)
		case "lost":
			return failure(chat.Lost)
		case "taken, lost", "taken, odd":
			m.sender.blind = func(chat.Outgoing) error {
				m.sender.blind = nil
				if how == "taken, odd" {
					return errors.New("odd")
				}
				return failure(chat.Lost)
			}
		}
		return nil
	}
	how := ""
	fault := func(when string) func(string) error {
		return func(string) error {
			if when == "before" {
				how = one("", "", "", "", "before", "after")
			}
			if how == when {
				return failure(chat.Lost)
			}
			return nil
		}
	}
	m.desk.fail(fault("before"), fault("after"))

	known := func(t *rapid.T) chat.Phone {
		p := who.Draw(t, "who")
		if m.conversation(p) == "" {
			t.Skip("who has not texted")
		}
		return p
	}
	t.Repeat(map[string]func(*rapid.T){
		"": func(*rapid.T) { m.always() },
		"text": func(t *rapid.T) {
			m.text(who.Draw(t, "who"), rapid.SampledFrom([]string{"the kettle leaks", "my lid is missing", "menu", "thanks", "STOP", "START", "CANCEL", "HELP", "1"}).Draw(t, "text"))
		},
		"reply": func(t *rapid.T) {
			if p := known(t); !m.out[p] {
				m.n++
				m.reply(p, fmt.Sprint("answer ", m.n))
			}
		},
		"hand back": func(t *rapid.T) { m.handBack(known(t)) },
		"agent": func(t *rapid.T) {
			p := known(t)
			k := m.look(p).Ticket
			if k == nil || k.Remote == "" {
				t.Skip("no ticket")
			}
			does := rapid.SampledFrom([]string{"close", "close", "reopen", "trash"}).Draw(t, "does")
			m.desk.set(k.Remote, func(k *ticket) { k.open, k.gone = does == "reopen", k.gone || does == "trash" })
			m.lost = m.lost || does == "trash"
			if rapid.Bool().Draw(t, "and we hear of it") {
				m.news(p, does == "reopen")
			}
		},
		"report": func(t *rapid.T) {
			if len(m.sender.taken) == 0 {
				t.Skip("nothing was sent")
			}
			out := rapid.SampledFrom(m.sender.taken).Draw(t, "of")
			a, err := m.store.Attempt(m.ctx, m.door.Line, out.Token, "")
			if err == nil {
				err = m.bridge.Report(m.ctx, a, chat.Report{Token: out.Token, ID: "SM" + string(out.Token),
					State: rapid.SampledFrom([]chat.State{chat.Queued, chat.Sent, chat.Delivered, chat.Failed}).Draw(t, "state")})
			}
			if err != nil {
				t.Fatal(err)
			}
		},
		"time": func(t *rapid.T) {
			m.pass(rapid.SampledFrom([]time.Duration{time.Second, time.Minute, 20 * time.Minute, 2 * time.Hour, 25 * time.Hour}).Draw(t, "passes"))
		},
		"courier": func(*rapid.T) { m.sweep(); m.settle() },
		"restart": func(*rapid.T) { m.restart() },
	})
	m.sender.fault, m.sender.blind = nil, nil
	m.desk.fail(nil, nil)
}

func (m *model) text(from chat.Phone, text string) {
	switch text {
	case "STOP", "CANCEL":
		m.out[from] = true
	case "START":
		delete(m.out, from)
	case "menu", "thanks", "HELP", "1":
	default:
		m.n++
		text = fmt.Sprint(text, " since day ", m.n)
	}
	m.hear(from, text)
	if m.look(from).Escalation != nil && len(text) > 12 {
		m.handed[text] = true
	}
}

// always is what holds at any time.
func (m *model) always() {
	for p := range m.met {
		s := m.look(p)
		if (s.Conversation.Mode == chat.Human) != (s.Escalation != nil) {
			m.Errorf("mode %s, escalation %+v", s.Conversation.Mode, s.Escalation)
		}
		if s.Conversation.OptedOut != m.out[p] {
			m.Errorf("opted out: %v, want %v", s.Conversation.OptedOut, m.out[p])
		}
		for i, e := range s.Entries {
			if i > 0 && e.Seq != s.Entries[i-1].Seq+1 {
				m.Errorf("entry %d follows %d", e.Seq, s.Entries[i-1].Seq)
			}
		}
	}
}

// check is what holds in the end.
func (m *model) check(t *rapid.T) {
	m.always()
	sent := map[chat.AttemptID]int{}
	texts := map[string]int{}
	for _, out := range m.sender.taken {
		sent[out.Token]++
		texts[out.Text]++
		if sent[out.Token] > 1 || len(out.Text) < 12 && texts[out.Text] > 1 { // an agent's: each is another
			t.Errorf("%q was sent twice", out.Text)
		}
	}
	open := map[chat.TicketID]bool{}
	for p := range m.met {
		for _, e := range m.look(p).Entries {
			if e.State == chat.Saved {
				t.Errorf("entry %d was forgotten", e.Seq)
			}
		}
		if k := m.look(p).Ticket; k != nil && k.Open {
			open[k.ID] = true
		}
	}
	names := map[chat.TicketID]bool{}
	for remote, k := range m.desk.tickets {
		if names[k.id] {
			t.Errorf("a ticket was opened twice")
		}
		names[k.id] = true
		if k.open && !k.gone && !open[k.id] {
			t.Logf("ticket %s is open in the helpdesk alone: nobody told us", remote)
		}
		for text, n := range k.says() {
			if n > 1 && len(text) > 12 {
				t.Errorf("ticket %s says %q %d times", remote, text, n)
			}
		}
	}
	says := m.desk.says()
	for text := range m.handed {
		if n := says[text]; n != 1 && !m.lost {
			t.Errorf("the helpdesk has %q %d times", text, n)
		}
	}
	if waiting, failed := m.left(); waiting+failed != 0 {
		t.Errorf("%d deliveries wait, %d failed", waiting, failed)
	}
}
