package harness

import (
	"regexp"
	"slices"
	"strings"

	"sidetext/chat"
	"sidetext/pretend/gorgias"
)

var (
	shopperText = regexp.MustCompile(`\bm-\d+-\d+\b`)
	agentText   = regexp.MustCompile(`\ba-\d+-\d+\b`)
)

// checkTickets checks that a conversation has at most one open ticket, that no ticket
// was created twice, and that an escalated conversation is in a ticket once and in order.
func (v Verdict) checkTickets(now *Snapshot, tickets []gorgias.Ticket) {
	open, created := map[chat.ConversationID]int{}, map[string]int{}
	in := map[chat.ConversationID][]gorgias.Ticket{}
	for _, k := range tickets {
		external := ""
		if k.ExternalID != nil {
			external = *k.ExternalID
		}
		id, known := now.tickets[external]
		if !known {
			v.Add(Broken, "ticket %d belongs to no conversation", k.ID)
			continue
		}
		if created[external]++; created[external] == 2 {
			v.Add(Doubled, "ticket %s was created twice", external)
		}
		if k.Status == "open" {
			if open[id]++; open[id] == 2 {
				v.Add(Doubled, "%s has two open tickets", id)
			}
		}
		in[id] = append(in[id], k)
	}
	for id, c := range now.Conversations {
		v.checkConversation(id, c.Entries, in[id])
	}
}

// checkConversation compares a conversation with its tickets.
func (v Verdict) checkConversation(id chat.ConversationID, entries []chat.Entry, tickets []gorgias.Ticket) {
	order := map[string]int64{} // a shopper's text → its place
	for _, e := range entries {
		if e.Way == chat.In {
			order[e.Text] = e.Seq
		}
	}
	times, place := map[string]int{}, int64(0)
	notes := map[string]map[string]int{} // phrase → text → number of notes
	// In this order: a note with the first phrase may quote a later one.
	phrases := []string{"texted by SMS", "did not arrive", "may not have been sent", "was sent after all"}
	for _, phrase := range phrases {
		notes[phrase] = map[string]int{}
	}
	for _, k := range tickets {
		for _, m := range k.Messages {
			if m.Channel == "internal-note" {
				for _, text := range agentText.FindAllString(bodyText(m), 1) {
					if i := slices.IndexFunc(phrases, func(phrase string) bool { return strings.Contains(bodyText(m), phrase) }); i >= 0 {
						notes[phrases[i]][text]++
					}
				}
				continue
			}
			for _, text := range shopperText.FindAllString(strippedText(m), -1) {
				if times[text]++; times[text] > 1 {
					v.Add(Doubled, "in %s %s is in its ticket %d times", id, text, times[text])
				}
				if order[text] < place {
					v.Add(Inverted, "in the ticket of %s %s comes after a later text", id, text)
				}
				place = max(place, order[text])
			}
			for _, text := range agentText.FindAllString(strippedText(m), -1) {
				times[text]++ // the text with which an agent took over begins the ticket
			}
		}
	}
	for phrase, texts := range notes {
		for text, n := range texts {
			if n > CountText(entries, text) {
				v.Add(Doubled, "in %s %d notes say of %s that it %s", id, n, text, phrase)
			}
		}
	}
	for _, e := range escalated(entries) {
		if times[e.Text]+notes["texted by SMS"][e.Text] == 0 {
			v.Add(Pending, "in %s %s at %d is in no ticket", id, e.Text, e.Seq)
		}
	}
}

// CountText counts the entries with a text.
func CountText(entries []chat.Entry, text string) (n int) {
	for _, e := range entries {
		if e.Text == text {
			n++
		}
	}
	return n
}

// escalated returns the entries that have to be in a ticket: the unique texts of the
// shopper and the agents while an escalation was open, and the text that opened it.
func escalated(entries []chat.Entry) (all []chat.Entry) {
	human := false
	for i, e := range entries {
		switch {
		case e.Event == chat.Escalated:
			human = true
			for _, before := range entries[:i] {
				if before.Rev == e.Rev && isUnique(before) {
					all = append(all, before)
				}
			}
		case e.Event == chat.HandedBack:
			human = false
		case human && isUnique(e):
			all = append(all, e)
		}
	}
	return all
}

// isUnique reports whether no other text of the test has the same words.
func isUnique(e chat.Entry) bool {
	return e.Way == chat.In && strings.HasPrefix(e.Text, "m-") || e.Way == chat.Out && e.By.Role == chat.ByAgent
}

// bodyText returns the whole text of a message.
func bodyText(m *gorgias.Message) string {
	if m.BodyText == nil {
		return ""
	}
	return *m.BodyText
}

// strippedText returns a message without quoted parts, each text on lines of its own.
func strippedText(m *gorgias.Message) string {
	if m.StrippedText != nil {
		return *m.StrippedText + "\n"
	}
	return bodyText(m) + "\n"
}
