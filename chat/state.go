package chat

// A State is the status of an outgoing text, as far as it is known.
type State string

const (
	Saved     State = "saved"     // stored; not given to the provider yet
	Unknown   State = "unknown"   // given to the provider, without a usable response
	Queued    State = "queued"    // accepted by the provider
	Sending   State = "sending"   // on its way to the carrier
	Sent      State = "sent"      // accepted by the carrier
	Delivered State = "delivered" // arrived on the phone
	Failed    State = "failed"    // will not arrive; Problem says why
)

var ranks = map[State]int{Saved: 1, Unknown: 2, Queued: 3, Sending: 4, Sent: 5, Delivered: 6, Failed: 6}

// Follows reports whether s may replace the known state. Reports come late,
// repeated and out of order, so the state only advances, and the first final
// state stays. The order is that of Twilio's message life cycle.
func (s State) Follows(known State) bool { return ranks[s] > ranks[known] }

// Final reports whether no other state can follow.
func (s State) Final() bool { return ranks[s] == ranks[Delivered] }

// A Problem says why a text failed, waits or is unknown.
type Problem struct {
	Code string `json:"code"` // the provider's ("30003"), or one of ours ("opted_out")
	Text string `json:"text"` // one sentence for agents
}
