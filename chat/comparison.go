package chat

import "time"

// A Comparison is how far a line is known to have every text that its provider
// took in.
type Comparison struct {
	Until   time.Time // the next comparison reaches back from then
	At      time.Time // when that was last made sure of
	Late    int64     // texts that were found missing and taken in late, so far
	Trouble string    // why it could not be made sure of the last time, in one plain sentence; or empty
}
