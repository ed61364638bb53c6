package chat

import "time"

// A Duty is something that one node at a time does, as whoever asked for it finds
// it.
type Lease struct {
	Held  bool      // it is the asker's, until Until
	Fresh bool      // just before it was somebody else's, or nobody's
	Until time.Time // when it ends, unless whoever has it renews it
}

// AccountDuty is the duty to carry out an account's deliveries.
func AccountDuty(account string) string { return "account/" + account }
