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

// helped: a conversation has one open ticket at most, none was made twice, and
// what was handed to a person is in a ticket once and in order.
func (v Verdict) checkTickets(now *Snapshot, tickets []gorgias.Ticket) {
	open, made := map[chat.ConversationID]int{}, map[string]int{}
	in := map[chat.ConversationID][]gorgias.Ticket{}
	for _, k := range tickets {
		external := ""
		if k.ExternalID != nil {
			external = *k.ExternalID
		}
		id, known := now.tickets[external]
		if !known {
			v.Add(Broken, "ticket %d is of no conversation", k.ID)
			continue
		}
		if made[external]++; made[external] == 2 {
			v.Add(Doubled, "ticket %s was made twice", external)
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

// mirrored compares a conversation with its tickets.
func (v Verdict) checkConversation(id chat.ConversationID, entries []chat.Entry, tickets []gorgias.Ticket) {
	order := map[string]int64{} // what a shopper said → its place
	for _, e := range entries {
		if e.Way == chat.In {
			order[e.Text] = e.Seq
		}
	}
	times, place := map[string]int{}, int64(0)
	notes := map[string]map[string]int{}                                                                   // what they say → of what → how often
	phrases := []string{"texted by SMS", "did not arrive", "may not have been sent", "was sent after all"} // the first may name the second
	for _, what := range phrases {
		notes[what] = map[string]int{}
	}
	for _, k := range tickets {
		for _, m := range k.Messages {
			if m.Channel == "internal-note" {
				for _, said := range agentText.FindAllString(bodyText(m), 1) {
					if i := slices.IndexFunc(phrases, func(what string) bool { return strings.Contains(bodyText(m), what) }); i >= 0 {
						notes[phrases[i]][said]++
					}
				}
				continue
			}
			for _, said := range shopperText.FindAllString(strippedText(m), -1) {
				if times[said]++; times[said] > 1 {
					v.Add(Doubled, "in %s %s is in its ticket %d times", id, said, times[said])
				}
				if order[said] < place {
					v.Add(Inverted, "in %s %s comes after what was said later", id, said)
				}
				place = max(place, order[said])
			}
			for _, said := range agentText.FindAllString(strippedText(m), -1) {
				times[said]++ // how an agent took over: part of the ticket's beginning
			}
		}
	}
	for what, of := range notes {
		for said, n := range of {
			if n > CountText(entries, said) {
				v.Add(Doubled, "in %s of %s %d notes say that it %s", id, said, n, what)
			}
		}
	}
	for _, e := range escalated(entries) {
		if times[e.Text]+notes["texted by SMS"][e.Text] == 0 {
			v.Add(Pending, "in %s %s at %d is in no ticket", id, e.Text, e.Seq)
		}
	}
}

func CountText(entries []chat.Entry, text string) (n int) {
	for _, e := range entries {
		if e.Text == text {
			n++
		}
	}
	return n
}

// handed is what people were to see: the shopper's unique texts and the agents'
// while a person had the conversation, and the text that called for one.
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

// unique reports whether an entry is one of those that can be told apart.
func isUnique(e chat.Entry) bool {
	return e.Way == chat.In && strings.HasPrefix(e.Text, "m-") || e.Way == chat.Out && e.By.Role == chat.ByAgent
}

// words returns the text of a message.
func bodyText(m *gorgias.Message) string {
	if m.BodyText == nil {
		return ""
	}
	return *m.BodyText
}

// stripped returns what is new in a message, each text on lines of its own.
func strippedText(m *gorgias.Message) string {
	if m.StrippedText != nil {
		return *m.StrippedText + "\n"
	}
	return bodyText(m) + "\n"
}
