package chat_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sidetext/chat"
)

// TestTurns takes random turns and checks the invariants after each.
func TestTurns(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := &model{T: t, world: newWorld(), visible: map[int64]bool{}}
		m.saved.Shop.Settings.ReopenWithin = rapid.SampledFrom([]time.Duration{-1, 0, time.Hour}).Draw(t, "reopen within")
		t.Repeat(map[string]func(*rapid.T){
			"receive":       m.step(m.receive),
			"escalate":      m.step(m.escalate),
			"answer":        m.step(func(turn *chat.Turn) error { turn.Answer("automatic"); return nil }),
			"send text":     m.step(m.sendText),
			"opt out":       m.step(func(turn *chat.Turn) error { turn.OptOut("STOP"); return nil }),
			"opt in":        m.step(func(turn *chat.Turn) error { turn.OptIn(); return nil }),
			"hand back":     m.step(func(turn *chat.Turn) error { turn.HandBack(anna, ""); return nil }),
			"close":         m.step(func(turn *chat.Turn) error { turn.TicketClosed(); return nil }),
			"reopen":        m.step(func(turn *chat.Turn) error { turn.TicketReopened(); return nil }),
			"lose ticket":   m.step(m.loseTicket),
			"begin attempt": m.step(m.send),
			"report":        m.step(m.report),
			"pass time":     func(t *rapid.T) { m.advance(time.Duration(rapid.Int64Range(-1e9, 90e9).Draw(t, "pass")) * 1000) },
			"long pause": func(t *rapid.T) {
				m.advance(rapid.SampledFrom([]time.Duration{2 * time.Hour, 25 * time.Hour}).Draw(t, "pass"))
			},
			"": func(*rapid.T) {},
		})
	})
}

type model struct {
	*rapid.T
	*world
	n       int
	unsent  []chat.Delivery
	begun   []chat.Attempt
	visible map[int64]bool // what people in the helpdesk are to see
}

func (m *model) receive(t *chat.Turn) error {
	_, err := t.Receive(chat.Incoming{Provider: "twilio", ID: fmt.Sprint("SM", m.id()), Text: "text"})
	return err
}

func (m *model) escalate(t *chat.Turn) error {
	err := m.receive(t)
	t.Escalate(chat.AskedForPerson, "", 0)
	return err
}

func (m *model) sendText(t *chat.Turn) error {
	by := rapid.SampledFrom([]chat.Author{anna, ben}).Draw(m.T, "author")
	_, err := t.SendText(by, fmt.Sprint(m.id()), "agent", rapid.Int64Range(0, t.Conversation.Seq).Draw(m.T, "seen"), rapid.Bool().Draw(m.T, "anyway"))
	return err
}

// id returns a new id or, sometimes, one that was used before.
func (m *model) id() int {
	if m.n > 0 && rapid.IntRange(0, 4).Draw(m.T, "repeat") == 0 {
		return rapid.IntRange(1, m.n).Draw(m.T, "which")
	}
	m.n++
	return m.n
}

func (m *model) loseTicket(t *chat.Turn) error {
	if t.Ticket != nil && !t.Ticket.Lost {
		t.Ticket.Lost, t.Ticket.Open = true, false
		t.AddEvent(chat.TicketLost, chat.Author{Role: chat.BySystem}, "")
		if t.Escalation != nil {
			t.NewTicket(t.Escalation.From)
			t.SyncTicket()
		}
	}
	return nil
}

func (m *model) send(t *chat.Turn) error {
	if len(m.unsent) == 0 {
		return nil
	}
	try, e, err := t.BeginAttempt(m.unsent[0])
	if try != nil {
		if t.Conversation.OptedOut {
			m.Fatalf("an attempt to send text %d after an opt-out", e.Seq)
		}
		m.begun = append(m.begun, *try)
		return t.Accepted(*try, m.unsent[0], chat.Report{ID: fmt.Sprint("SM", e.Seq), State: chat.Queued})
	}
	return err
}

func (m *model) report(t *chat.Turn) error {
	if len(m.begun) == 0 {
		return nil
	}
	return t.Report(rapid.SampledFrom(m.begun).Draw(m.T, "attempt"), chat.Report{
		State: rapid.SampledFrom(states).Draw(m.T, "state"), OptedOut: rapid.IntRange(0, 9).Draw(m.T, "opted out") == 0,
	})
}

// step takes a turn and compares the states before and after.
func (m *model) step(do func(*chat.Turn) error) func(*rapid.T) {
	return func(t *rapid.T) {
		m.T = t
		before, old := m.saved, append([]chat.Entry(nil), m.entries...)
		turn, err := m.turn(do)
		if err != nil {
			if code(err) == "" || len(m.entries) != len(old) {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		m.check(before, old, turn)
	}
}

func (m *model) check(before chat.Turn, old []chat.Entry, turn *chat.Turn) {
	c := m.saved.Conversation
	changes := len(turn.Added)+len(turn.Changed) > 0
	if old := before.Conversation.Rev; changes && c.Rev != old+1 || !changes && c.Rev != old {
		m.Fatalf("revision %d after %d, changes %v", c.Rev, old, changes)
	}
	if c.Mode != before.Conversation.Mode && !changes {
		m.Fatal("the mode changed without a visible change")
	}
	for i, e := range m.entries {
		if e.Seq != int64(i+1) || e.Rev > c.Rev || e.Rev < 1 {
			m.Fatalf("entry %d has seq %d and revision %d of %d", i+1, e.Seq, e.Rev, c.Rev)
		}
		if i < len(old) && (e.Rev != old[i].Rev) != (e.State != old[i].State || e.Problem != old[i].Problem) {
			m.Fatalf("entry %d changed from %+v to %+v", e.Seq, old[i], e)
		}
	}
	if c.Seq != int64(len(m.entries)) {
		m.Fatalf("%d entries, and the last seq is %d", len(m.entries), c.Seq)
	}
	if open := m.saved.Escalation != nil; open != (c.Mode == chat.Human) || open != (c.Escalation != "") {
		m.Fatalf("mode %s with escalation %+v", c.Mode, m.saved.Escalation)
	}
	if m.saved.Escalation != nil && !m.saved.Escalation.EndedAt.IsZero() {
		m.Fatal("an ended escalation is open")
	}
	if before.Escalation != nil && (m.saved.Escalation == nil || m.saved.Escalation.ID != before.Escalation.ID) && turn.Ended == nil {
		m.Fatal("an escalation vanished without ending")
	}
	if before.Ticket != nil && m.saved.Ticket.ID != before.Ticket.ID && (turn.Retired == nil || turn.Retired.ID != before.Ticket.ID) {
		m.Fatal("a ticket vanished without being retired")
	}
	if k := m.saved.Ticket; k != nil && (k.ID != c.Ticket || k.Open && k.Lost) {
		m.Fatalf("ticket %+v of %+v", k, c)
	}
	m.deliveries(before, turn)
	m.handedOver(before, turn)
}

func (m *model) deliveries(before chat.Turn, turn *chat.Turn) {
	var syncs int
	for _, d := range turn.Deliveries {
		if d.Kind == chat.SyncTicket {
			syncs++
			continue
		}
		if d.Kind != chat.SendSMS {
			continue
		}
		if before.Conversation.OptedOut {
			m.Fatalf("a text after an opt-out: %+v", d)
		}
		m.unsent = append(m.unsent, d)
	}
	if syncs > 1 {
		m.Fatalf("%d syncs in one turn", syncs)
	}
	if len(m.unsent) > 0 && slices.Contains(turn.Done, m.unsent[0].ID) {
		m.unsent = m.unsent[1:]
	}
}

// handedOver works out independently which entries belong in tickets, those during
// an escalation and of the exchange that led to it, and compares.
func (m *model) handedOver(before chat.Turn, turn *chat.Turn) {
	escalated := m.saved.Escalation != nil && (before.Escalation == nil || m.saved.Escalation.ID != before.Escalation.ID)
	human := before.Escalation != nil
	for _, e := range turn.Added {
		m.visible[e.Seq] = human
		if e.Event == chat.HandedBack {
			human = false
		}
	}
	if escalated {
		for seq := m.saved.Escalation.From; seq <= m.saved.Conversation.Seq; seq++ {
			m.visible[seq] = true
		}
	}
	handed := map[int64]bool{}
	for _, e := range (chat.Snapshot{Escalation: m.saved.Escalation, Spans: m.spans, Entries: m.entries}).HandedOver() {
		handed[e.Seq] = true
	}
	for _, e := range m.entries {
		if handed[e.Seq] != m.visible[e.Seq] {
			m.Fatalf("entry %+v: handed over %v, want %v", e, handed[e.Seq], m.visible[e.Seq])
		}
	}
}
