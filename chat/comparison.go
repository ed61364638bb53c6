package chat

import "time"

// A Comparison is the state of comparing a line's texts with its provider's list,
// which finds texts whose webhook never arrived.
type Comparison struct {
	Until   time.Time // every text that the provider received before is known here
	At      time.Time // when that was last confirmed
	Late    int64     // texts found missing and added late, in total
	Trouble string    // why the last comparison failed, as a sentence for merchants; or empty
}
