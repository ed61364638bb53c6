package bridge

import (
	"strings"

	"sidetext/chat"
	"sidetext/keyword"
)

// escalationReason returns why a text needs an agent, or "" if it needs none. wants is a
// description of the request if the reason alone does not say it.
func escalationReason(in chat.Incoming, meaning keyword.Meaning) (why chat.Reason, wants string) {
	switch meaning.Intent {
	case keyword.End:
		return chat.EndSubscription, ""
	case keyword.Person:
		return chat.AskedForPerson, ""
	case keyword.ChangeOrder:
		return chat.ChangeOrder, ""
	case keyword.OrderStatus:
		return chat.OrderStatus, ""
	case keyword.Chose:
		// Automation changes no subscriptions: an agent does.
		return chat.AskedForChange, meaning.Choice.Label
	case keyword.Nothing, keyword.Menu:
		if len(in.Media) == 0 {
			return "", ""
		}
	}
	if strings.TrimSpace(in.Text) == "" {
		if len(in.Media) == 0 {
			return "", ""
		}
		return chat.UnknownKeyword, "Sent " + chat.NameMedia(in.Media)
	}
	return chat.UnknownKeyword, ""
}

// escalateRemainder escalates what a text asks for besides opting out, without an
// answer by SMS.
func escalateRemainder(t *chat.Turn, in chat.Incoming, meaning keyword.Meaning) {
	why, wants := escalationReason(in, meaning)
	if why == chat.UnknownKeyword && meaning.Silence == keyword.Possible {
		return // escalated for the possible opt-out
	}
	if why != "" {
		escalateQuietly(t, why, wants)
	}
}

// escalateQuietly escalates without an answer to the shopper.
func escalateQuietly(t *chat.Turn, why chat.Reason, wants string) {
	if t.Escalation != nil || mayEscalate(t) {
		t.Escalate(why, wants, 0)
	}
}

// recentlySent returns the last texts to the shopper, which a text may quote.
func recentlySent(t *chat.Turn) (sent []string, err error) {
	entries, err := t.History.After(max(t.Conversation.Seq-lookBack, 0), lookBack)
	for _, e := range entries {
		if e.Kind == chat.Text && e.Way == chat.Out {
			sent = append(sent, e.Text)
		}
	}
	return sent, err
}
