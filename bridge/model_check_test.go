package bridge_test

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"sidetext/chat"
)

// checkInvariants checks what holds at any time.
func (m *model) checkInvariants() {
	for p := range m.conversations {
		s := m.snapshot(p)
		if (s.Conversation.Mode == chat.Human) != (s.Escalation != nil) {
			m.Errorf("mode %s, escalation %+v", s.Conversation.Mode, s.Escalation)
		}
		if s.Conversation.OptedOut != m.optedOut[p] {
			m.Errorf("opted out: %v, want %v", s.Conversation.OptedOut, m.optedOut[p])
		}
		for i, e := range s.Entries {
			if i > 0 && e.Seq != s.Entries[i-1].Seq+1 {
				m.Errorf("entry %d follows %d", e.Seq, s.Entries[i-1].Seq)
			}
		}
	}
}

// check checks what holds in the end.
func (m *model) check(t *rapid.T) {
	m.checkInvariants()
	m.checkStatuses(t)
	open := map[chat.TicketID]bool{}
	for p := range m.conversations {
		if k := m.snapshot(p).Ticket; k != nil && k.Open {
			open[k.ID] = true
		}
	}
	names := map[chat.TicketID]bool{}
	for remote, k := range m.helpdesk.tickets {
		if names[k.id] {
			t.Errorf("a ticket was opened twice")
		}
		names[k.id] = true
		if k.open && !k.gone && !open[k.id] {
			t.Logf("ticket %s is open in the helpdesk only: no webhook arrived", remote)
		}
		for text, n := range k.textCounts() {
			if n > 1 && strings.Contains(text, " since day ") {
				t.Errorf("ticket %s says %q %d times", remote, text, n)
			}
		}
	}
	says := m.helpdesk.textCounts()
	for text := range m.forAgents {
		if n := says[text]; n != 1 && !m.ticketTrashed {
			t.Errorf("the helpdesk has %q %d times", text, n)
		}
	}
	if waiting, failed := m.counts(); waiting+failed != 0 {
		t.Errorf("%d deliveries wait, %d failed", waiting, failed)
	}
}

// checkStatuses compares the texts that the provider accepted with their statuses.
func (m *model) checkStatuses(t *rapid.T) {
	type textTo struct {
		to   chat.Phone
		text string
	}
	taken, known, unknown := map[textTo]int{}, map[textTo]int{}, map[textTo]int{}
	attempts, entries := map[chat.AttemptID]int{}, map[string]int{}
	for i, out := range m.sender.accepted {
		taken[textTo{out.To, out.Text}]++
		attempts[out.Token]++
		if attempts[out.Token] > 1 {
			t.Errorf("attempt %s was made twice", out.Token)
		}
		detail, err := m.store.AttemptDetail(m.ctx, m.config.Shop.ID, out.Token)
		if err != nil {
			t.Fatal(err)
		}
		place := fmt.Sprint(detail.Attempt.Conversation, detail.Entry.Seq)
		entries[place]++
		if entries[place] > 1 {
			t.Errorf("entry %s (%d of %d) was sent twice", place, i, len(m.sender.accepted))
		}
	}
	for p := range m.conversations {
		for _, e := range m.snapshot(p).Entries {
			if e.Way == chat.Out {
				t.Logf("entry %d %q of %v: %s %+v", e.Seq, e.Text, e.At, e.State, e.Problem)
			}
			switch {
			case e.State == chat.Saved || e.State == chat.Unknown && e.Problem.Code == "looking":
				t.Errorf("entry %d is %s, but nothing checks it", e.Seq, e.State)
			case e.State == chat.Unknown && e.Problem.Code != "missing": // checked for a day without a result, or an agent decided
				unknown[textTo{p, e.Text}]++
			case e.State != "" && e.State != chat.Unknown && (e.Problem == nil || e.Problem.Code == "reported"):
				known[textTo{p, e.Text}]++
			}
		}
	}
	for w, n := range taken {
		if known[w] > n || known[w]+unknown[w] < n {
			t.Errorf("%d texts %q were accepted, %d are known to be, %d unknown", n, w.text, known[w], unknown[w])
		}
	}
}
