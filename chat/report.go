package chat

import "time"

// A Heard is what a provider said of an attempt, kept as a log.
type ReportRecord struct {
	Attempt AttemptID
	Report  Report
	At      time.Time
}

// A Source is how something about a text came to be known.
type Source string

const (
	FromAnswer   Source = "answer"   // the provider's answer to the attempt itself
	FromCallback Source = "callback" // a report that it made to us
	FromList     Source = "list"     // its list of texts
	FromRecord   Source = "look"     // its record of this one text
)
