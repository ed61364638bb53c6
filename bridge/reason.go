package bridge

import (
	"strings"

	"sidetext/chat"
	"sidetext/keyword"
)

// reason is why a text needs a person, and what it wants in words of its own if
// the reason does not say that; "" if it needs none.
func reason(in chat.Incoming, means keyword.Meaning) (why chat.Reason, wants string) {
	switch means.Intent {
	case keyword.End:
		return chat.EndSubscription, ""
	case keyword.Person:
		return chat.AskedForPerson, ""
	case keyword.ChangeOrder:
		return chat.ChangeOrder, ""
	case keyword.OrderStatus:
		return chat.OrderStatus, ""
	case keyword.Chose:
		// Automation changes no subscriptions by itself: a person does.
		return chat.AskedForChange, means.Choice.Label
	case keyword.Nothing, keyword.Menu:
		if len(in.Media) == 0 {
			return "", ""
		}
	}
	if strings.TrimSpace(in.Text) == "" {
		if len(in.Media) == 0 {
			return "", "" // an empty text says nothing
		}
		return chat.UnknownKeyword, "Sent " + chat.NameMedia(in.Media)
	}
	return chat.UnknownKeyword, ""
}

// silently hands what a text wants besides silence to a person. No text answers
// it.
func silently(t *chat.Turn, in chat.Incoming, means keyword.Meaning) {
	why, wants := reason(in, means)
	if why == chat.UnknownKeyword && means.Silence == keyword.Possible {
		return // the doubt is why
	}
	if why != "" {
		callQuietly(t, why, wants)
	}
}

// callQuietly calls a person without a word to the shopper.
func callQuietly(t *chat.Turn, why chat.Reason, wants string) {
	if t.Escalation != nil || mayCall(t) {
		t.Escalate(why, wants, 0)
	}
}

// sentLately is what was texted to the shopper lately, which a text may quote.
func sentLately(t *chat.Turn) (sent []string, err error) {
	entries, err := t.History.After(max(t.Conversation.Seq-lookBack, 0), lookBack)
	for _, e := range entries {
		if e.Kind == chat.Text && e.Way == chat.Out {
			sent = append(sent, e.Text)
		}
	}
	return sent, err
}
