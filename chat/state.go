package chat

// A State is what became of an outgoing text, as far as anybody knows.
type State string

const (
	Saved     State = "saved"     // kept here; the provider has not been asked yet
	Unknown   State = "unknown"   // the provider was asked and nobody knows what it did
	Queued    State = "queued"    // the provider has it
	Sending   State = "sending"   // on its way to the carrier
	Sent      State = "sent"      // the carrier has it
	Delivered State = "delivered" // the phone has it
	Failed    State = "failed"    // it will not arrive; Problem says why
)

var ranks = map[State]int{Saved: 1, Unknown: 2, Queued: 3, Sending: 4, Sent: 5, Delivered: 6, Failed: 6}

// Follows reports whether news of a text may replace what is known of it.
// Reports come late, doubled and out of order, so knowledge only grows: the
// first final state wins. (The ranks: Twilio's message life cycle.)
func (s State) Follows(known State) bool { return ranks[s] > ranks[known] }

// Final reports whether nothing more will be heard.
func (s State) Final() bool { return ranks[s] == ranks[Delivered] }

// A Problem is why a text did not arrive.
type Problem struct {
	Code string `json:"code"` // the provider's ("30003"), or a word of ours ("opted_out")
	Text string `json:"text"` // one plain sentence
}
