package chat

import (
	"slices"
	"strings"
)

// A Need is one thing that a person is needed for.
type Need struct {
	Reason Reason `json:"reason"`
	Wants  string `json:"wants"` // what the shopper wants, for agents
}

// Why says what caused an escalation, as the end of "Needs a person: …". It is
// empty for TakenOver, which an agent caused.
func (r Reason) Why() string {
	switch r {
	case EndSubscription:
		return "wants to end the subscription"
	case CarrierOptOut:
		return "texted a word that stops all texts. It may mean the subscription"
	case AskedForPerson:
		return "asked for a person"
	case AskedForChange:
		return "wants a change to the order or subscription"
	case ChangeOrder:
		return "wants to change an order"
	case OrderStatus:
		return "asked where an order is"
	case MaybeOptOut:
		return "may not want any more texts"
	case ActionFailed:
		return "something failed when automation tried it"
	case TakenOver:
		return ""
	}
	return "automation didn't understand"
}

// Needs returns what a person is needed for, oldest first.
func (e *Escalation) Needs() []Need {
	if e == nil {
		return nil
	}
	return append([]Need{{e.Reason, e.Wants}}, e.Later...)
}

// maxNeeds limits the needs of one escalation.
const maxNeeds = 20

// addNeed adds a need to the open escalation, unless it is there already. Once a
// person reads the conversation, a text that automation doesn't understand is no
// need of its own, and neither is an agent's answer.
func (t *Turn) addNeed(n Need) {
	e, needs := t.Escalation, t.Escalation.Needs()
	if n.Reason == UnknownKeyword || n.Reason == TakenOver || len(needs) >= maxNeeds || slices.Contains(needs, n) {
		return
	}
	e.Later = append(slices.Clone(e.Later), n)
	t.AddEvent(NeedAdded, Author{Role: BySystem}, n.eventText())
	t.SyncTicket()
}

// eventText is the text of the need's event.
func (n Need) eventText() string {
	if n.Wants != n.Reason.Wants() {
		return n.Wants
	}
	return n.Reason.Why()
}

// Needs returns what a person is needed for now, oldest first. It leaves out what
// is settled: a text that was not understood, if there are other needs; and a
// possible opt-out, once the shopper opted out.
func (s Snapshot) Needs() []Need {
	all := s.Escalation.Needs()
	left := slices.DeleteFunc(slices.Clone(all), func(n Need) bool {
		return n.Reason == MaybeOptOut && s.Conversation.OptedOut || n == Need{UnknownKeyword, UnknownKeyword.Wants()}
	})
	if len(left) == 0 {
		return all
	}
	return left
}

// Reasons returns the reasons for the ticket's tags: that of each need, once.
// CarrierOptOut is among them only while the shopper is opted out.
func (s Snapshot) Reasons() (all []Reason) {
	for _, n := range s.Needs() {
		if !slices.Contains(all, n.Reason) && (n.Reason != CarrierOptOut || s.Conversation.OptedOut) {
			all = append(all, n.Reason)
		}
	}
	if len(all) == 0 && s.Escalation != nil && s.Escalation.Reason == UnknownKeyword {
		return []Reason{UnknownKeyword}
	}
	return all
}

// Wants says in one line what the shopper wants, newest first. It is empty when
// the shopper asked for nothing.
func (s Snapshot) Wants() string {
	var all []string
	for _, n := range slices.Backward(s.Needs()) {
		if wants := s.DescribeNeed(n); wants != "" {
			all = append(all, wants)
		}
	}
	return strings.Join(all, "; ")
}

// DescribeNeed says what the shopper wants and, where a text would be wrong or
// can't be sent, how to ask.
func (s Snapshot) DescribeNeed(n Need) string {
	switch {
	case n.Reason == TakenOver:
		return ""
	case n.Reason == MaybeOptOut && s.Conversation.OptedOut:
		return "No more texts"
	case n.Reason != MaybeOptOut && n.Reason != CarrierOptOut:
		return n.Wants
	}
	if s.Shopper.Email == "" {
		return n.Wants + " (no e-mail address is known to ask)"
	}
	return n.Wants + ": ask by e-mail"
}
