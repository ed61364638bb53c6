package chat

import (
	"slices"
	"strings"
)

// A Need is one thing that a person is needed for.
type Need struct {
	Reason Reason `json:"reason"`
	Wants  string `json:"wants"` // in plain words, for agents
}

// Why says in plain words, after "Needs a person: ", what brought an escalation
// about. It is empty for TakenOver, which the shopper did not bring about.
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

// Needs are what a person is needed for, in the order in which it came up.
func (e *Escalation) Needs() []Need {
	if e == nil {
		return nil
	}
	return append([]Need{{e.Reason, e.Wants}}, e.Later...)
}

// maxNeeds is how many needs one escalation keeps at most.
const maxNeeds = 20

// alsoNeeds adds a need to the open escalation, unless it has it already. A text
// that automation doesn't understand is no need of its own once a person reads
// the conversation, and neither is an agent's answer.
func (t *Turn) alsoNeeds(n Need) {
	e, needs := t.Escalation, t.Escalation.Needs()
	if n.Reason == UnknownKeyword || n.Reason == TakenOver || len(needs) >= maxNeeds || slices.Contains(needs, n) {
		return
	}
	e.Later = append(slices.Clone(e.Later), n)
	t.AddEvent(NeedAdded, Author{Role: BySystem}, n.why())
	t.SyncTicket()
}

// why is what the event says that tells agents of the need.
func (n Need) why() string {
	if n.Wants != n.Reason.Wants() {
		return n.Wants
	}
	return n.Reason.Why()
}

// Needs are what a person is needed for now, in the order in which it came up.
// Left out is what the others make void: that a text was not understood, once a
// later one was; and whether the shopper wants silence, once they opted out.
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

// Reasons are those of the ticket's tags: the reason of each need, once. That
// texts were stopped is a tag only while they are.
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

// Wants says in one line what the shopper wants from a person, the newest first,
// or nothing when they asked for nothing.
func (s Snapshot) Wants() string {
	var all []string
	for _, n := range slices.Backward(s.Needs()) {
		if wants := s.Advise(n); wants != "" {
			all = append(all, wants)
		}
	}
	return strings.Join(all, "; ")
}

// Advise is what a need wants, and how to ask the shopper where a text would be
// wrong or can't be sent.
func (s Snapshot) Advise(n Need) string {
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
