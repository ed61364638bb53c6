package chat

import (
	"fmt"
	"time"
)

// An Incoming is a text from a shopper, as a provider delivered it.
type Incoming struct {
	Provider string // "twilio"
	Account  string // our account at the provider
	ID       string // the provider's id of the text, unique within the account
	From, To Phone
	Text     string
	Media    []Media
	Keyword  CarrierKeyword // what the provider recognised in the text, or empty

	// At is when the provider received the text. It is set only for a text that
	// was found in the provider's list because its webhook never arrived here.
	At time.Time
}

// A CarrierKeyword is a class of words that carriers and providers act on
// themselves: after STOP they block our texts, after START they let them pass.
type CarrierKeyword string

const (
	Stop  CarrierKeyword = "STOP"
	Start CarrierKeyword = "START"
	Help  CarrierKeyword = "HELP"
)

// An Outgoing is a text for a provider to send.
type Outgoing struct {
	Token          AttemptID // ours; comes back with every report
	From, To       Phone
	Service        string // the provider's id of a pool of senders, or empty
	Text           string
	At             time.Time     // when it was written
	ValidityPeriod time.Duration // the provider drops the text if it could not be sent by then
}

// A File is the content of a picture or file that came with a text.
type File struct {
	Type string // found out from its bytes: "image/jpeg"
	Data []byte
}

// An Outcome says what a failed request to a vendor means for the next step.
type Outcome int

const (
	NotSent   Outcome = iota + 1 // certainly not done: try again
	Rejected                     // refused permanently; Problem says why
	MaybeSent                    // unknown: a text must not be sent again automatically
)

// A SendError is why a vendor did not accept a text or another request.
type SendError struct {
	Outcome      Outcome
	Problem      Problem
	RetryAfter   time.Duration // how long to wait at least; 0: the usual back-off
	WholeAccount bool          // RetryAfter holds for everything on the account
	OptedOut     bool          // with Rejected: the shopper opted out of the line
	Looped       bool          // with Rejected: see Report.Looped
	Cause        error
}

func (e *SendError) Error() string { return fmt.Sprintf("send: %s: %v", e.Problem.Code, e.Cause) }
func (e *SendError) Unwrap() error { return e.Cause }
