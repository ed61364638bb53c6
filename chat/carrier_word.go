package chat

import (
	"fmt"
	"time"
)

// An Incoming is a text as a provider delivered it.
type Incoming struct {
	Provider string // "twilio"
	Account  string // ours at the provider
	ID       string // the provider's name for the text, unique within the account
	From, To Phone
	Text     string
	Media    []Media
	Carrier  CarrierWord // what the provider says it took the text for, or empty

	// At is when the provider took the text in, of one that was found in its list
	// because its delivery never reached us; else zero.
	At time.Time
}

// A CarrierWord is a class of words that carriers act on by themselves.
type CarrierWord string

const (
	Stop  CarrierWord = "STOP"
	Start CarrierWord = "START"
	Help  CarrierWord = "HELP"
)

// An Outgoing is a text for a provider to send.
type Outgoing struct {
	Token    AttemptID // ours; comes back with every report
	From, To Phone
	Service  string // the provider's pool of senders, or empty
	Text     string
	At       time.Time     // when it was written
	Lasts    time.Duration // how long the provider may keep it before it is stale
}

// A Report is what a provider says became of a text.
type Report struct {
	Token    AttemptID // ours, or empty when the provider did not send it back
	ID       string    // the provider's name for the text
	State    State     // Queued, Sending, Sent, Delivered or Failed
	Problem  *Problem  // with Failed
	OptedOut bool      // the carrier says that the shopper opted out of the line
	Looped   bool      // the carrier takes the conversation for two machines answering each other
	From     Source    // how it came to be known
}

// A Record is a text to a shopper as a provider's list shows it.
type Record struct {
	Report // without a token: a list does not say
	Text   string
	At     time.Time // when the provider took it on
}

// A File is what a shopper sent with a text.
type File struct {
	Type string // as its bytes say: "image/jpeg"
	Data []byte
}

// An Outcome says what a failed attempt means for the next step.
type Outcome int

const (
	NotSent  Outcome = iota + 1 // certainly not sent: try again
	Rejected                    // refused for good: Problem says why
	Lost                        // nobody knows: never resend by itself
)

// A SendError is an attempt that brought no acceptance: of a text by a provider,
// or of anything else by a vendor.
type SendError struct {
	Outcome  Outcome
	Problem  Problem
	After    time.Duration // not before this has passed; 0: as usual
	All      bool          // nothing else on the account would fare better before that
	OptedOut bool          // with Rejected: the shopper opted out of the line
	Looped   bool          // with Rejected: see Report
	Cause    error
}

func (e *SendError) Error() string { return fmt.Sprintf("send: %s: %v", e.Problem.Code, e.Cause) }
func (e *SendError) Unwrap() error { return e.Cause }
