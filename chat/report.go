package chat

import "time"

// A Report is what a provider says about the status of a text.
type Report struct {
	Token    AttemptID // ours, or empty when the provider did not send it back
	ID       string    // the provider's id of the text
	State    State     // Queued, Sending, Sent, Delivered or Failed
	Problem  *Problem  // with Failed
	OptedOut bool      // the carrier says that the shopper opted out of the line
	Looped   bool      // the carrier suspects two machines answering each other
	From     Source
}

// A Record is a text to a shopper, as listed by the provider.
type Record struct {
	Report // without a Token, which lists don't have
	Text   string
	At     time.Time // when the provider accepted it
}

// A ReportRecord is a report about an attempt, kept as a log.
type ReportRecord struct {
	Attempt AttemptID
	Report  Report
	At      time.Time
}

// A Source says how a report reached us.
type Source string

const (
	FromAnswer   Source = "answer"   // the provider's response to the attempt itself
	FromCallback Source = "callback" // a status callback
	FromList     Source = "list"     // the provider's list of texts
	FromRecord   Source = "look"     // the provider's record of this one text
)
