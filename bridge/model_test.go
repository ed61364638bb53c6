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

	"sidetext/bridge"
	"sidetext/chat"
)

// Shoppers, agents, vendors and the clock take random steps. At any time, the mode is
// human exactly while an escalation is open, and no text is sent twice or after an
// opt-out. In the end, each text's status is known or left to an agent, and the helpdesk
// has each text that was handed over once, in at most one open ticket.
func TestRandomSteps(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp(folder, "")
		if err != nil {
			t.Fatal(err)
		}
		w, end := build(t, context.Background(), dir)
		defer end()
		m := &model{world: w, optedOut: map[chat.Phone]bool{}, forAgents: map[string]bool{}}
		m.steps(t)
		m.finishRetries()
		m.check(t)
	})
}

type model struct {
	*world
	counter       int
	optedOut      map[chat.Phone]bool // opted out
	forAgents     map[string]bool     // texts that agents have to see
	ticketTrashed bool                // a ticket was trashed
}

func (m *model) steps(t *rapid.T) {
	phone := rapid.SampledFrom([]chat.Phone{jane, jane, jane, joe})
	m.failAtRandom(t)
	known := func(t *rapid.T) chat.Phone {
		p := phone.Draw(t, "phone")
		if m.conversation(p) == "" {
			t.Skip("no texts yet")
		}
		return p
	}
	t.Repeat(map[string]func(*rapid.T){
		"": func(*rapid.T) { m.checkInvariants() },
		"text": func(t *rapid.T) {
			m.text(phone.Draw(t, "phone"), rapid.SampledFrom([]string{"the kettle leaks", "my lid is missing", "menu", "thanks", "STOP", "START", "CANCEL", "HELP", "1"}).Draw(t, "text"))
		},
		"reply": func(t *rapid.T) {
			if p := known(t); !m.optedOut[p] {
				m.counter++
				m.reply(p, rapid.SampledFrom([]string{"ok", "ok", fmt.Sprint("answer ", m.counter)}).Draw(t, "answer"))
			}
		},
		"hand back": func(t *rapid.T) { m.handBack(known(t)) },
		"agent": func(t *rapid.T) {
			p := known(t)
			k := m.snapshot(p).Ticket
			if k == nil || k.Remote == "" {
				t.Skip("no ticket")
			}
			does := rapid.SampledFrom([]string{"close", "close", "reopen", "trash"}).Draw(t, "does")
			m.helpdesk.changeTicket(k.Remote, func(k *ticket) { k.open, k.gone = does == "reopen", k.gone || does == "trash" })
			m.ticketTrashed = m.ticketTrashed || does == "trash"
			if rapid.Bool().Draw(t, "webhook arrives") {
				m.ticketWebhook(p)
			}
		},
		"report": func(t *rapid.T) {
			if len(m.sender.accepted) == 0 {
				t.Skip("nothing was sent")
			}
			out := rapid.SampledFrom(m.sender.accepted).Draw(t, "of")
			a, err := m.store.Attempt(m.ctx, m.config.Line, out.Token, "")
			if err == nil {
				err = m.bridge.Report(m.ctx, a, chat.Report{Token: out.Token, ID: "SM" + string(out.Token),
					State:   rapid.SampledFrom([]chat.State{chat.Queued, chat.Sent, chat.Delivered, chat.Failed}).Draw(t, "state"),
					Problem: &chat.Problem{Code: "reported", Text: "A reported reason."}})
			}
			if err != nil {
				t.Fatal(err)
			}
		},
		"decide": func(t *rapid.T) {
			p := known(t)
			for _, e := range m.snapshot(p).Entries {
				if e.State == chat.Unknown && e.Problem.Code != "looking" && e.Problem.Code != "again" {
					m.decide(p, e, rapid.SampledFrom([]string{"again", "check", "leave"}).Draw(t, "how"))
				}
			}
		},
		"provider": func(t *rapid.T) {
			m.sender.setQueryError(rapid.SampledFrom([]error{nil, failure(chat.NotSent)}).Draw(t, "says"))
		},
		"time": func(t *rapid.T) {
			m.advance(rapid.SampledFrom([]time.Duration{time.Second, 10 * time.Second, time.Minute, 20 * time.Minute, 2 * time.Hour, 25 * time.Hour}).Draw(t, "passes"))
		},
		"courier": func(*rapid.T) { m.expireClaims(); m.settle() },
		"restart": func(*rapid.T) { m.restart() },
	})
	m.sender.failBefore, m.sender.failAfter = nil, nil
	m.sender.setQueryError(nil)
	m.turns.fail(nil)
	m.helpdesk.fail(nil, nil)
}

// failAtRandom makes requests to the provider and the helpdesk fail at random.
func (m *model) failAtRandom(t *rapid.T) {
	// The outcome of a request is not drawn from rapid, because the courier's
	// goroutines make requests at the same time.
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	pick := func(of ...string) string {
		mu.Lock()
		defer mu.Unlock()
		return of[random.IntN(len(of))]
	}
	m.sender.failBefore = func(out chat.Outgoing) error {
		if m.optedOut[out.To] {
			t.Errorf("%q was sent after an opt-out", out.Text)
		}
		switch outcome := pick("", "", "", "not sent", "rejected", "lost", "accepted, lost", "accepted, odd", "accepted, killed"); outcome {
		case "accepted, killed": // the process is killed before the outcome is saved
			m.sender.failAfter = func(chat.Outgoing) error {
				m.sender.failAfter = nil
				m.turns.fail(func() error { m.turns.fail(nil); return chat.ErrUnavailable })
				return nil
			}
		case "not sent":
			return failure(chat.NotSent)
		case "rejected":
			return failure(chat.Rejected)
		case "lost":
			return failure(chat.MaybeSent)
		case "accepted, lost", "accepted, odd":
			m.sender.failAfter = func(chat.Outgoing) error {
				m.sender.failAfter = nil
				if outcome == "accepted, odd" {
					return errors.New("odd")
				}
				return failure(chat.MaybeSent)
			}
		}
		return nil
	}
	fails := ""
	fault := func(when string) func(string) error {
		return func(string) error {
			if when == "before" {
				fails = pick("", "", "", "", "before", "after")
			}
			if fails == when {
				return failure(chat.MaybeSent)
			}
			return nil
		}
	}
	m.helpdesk.fail(fault("before"), fault("after"))
}

func (m *model) text(from chat.Phone, text string) {
	switch text {
	case "STOP", "CANCEL":
		m.optedOut[from] = true
	case "START":
		delete(m.optedOut, from)
	case "menu", "thanks", "HELP", "1":
	default:
		m.counter++
		text = fmt.Sprint(text, " since day ", m.counter)
	}
	m.receive(from, text)
	if m.snapshot(from).Escalation != nil && len(text) > 12 {
		m.forAgents[text] = true
	}
}

// decide resolves a text with an unknown status as an agent would.
func (m *model) decide(p chat.Phone, e chat.Entry, how string) {
	shop, id := m.config.Shop.ID, m.conversation(p)
	var err error
	switch how {
	case "again":
		m.counter++
		_, err = m.bridge.SendAgain(m.ctx, shop, id, anna, e.Seq, bridge.Reply{ID: fmt.Sprint("again", m.counter), Seen: 1 << 40})
		if m.optedOut[p] {
			err = nil // refused, as after any opt-out
		}
	case "check":
		err = m.bridge.CheckAgain(m.ctx, shop, id, e.Seq)
	case "leave":
		err = m.bridge.KeepAsIs(m.ctx, shop, id, anna, e.Seq)
	}
	if err != nil {
		m.Errorf("%s: %v", how, err)
	}
}
