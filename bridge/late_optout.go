package bridge

import (
	"time"

	"sidetext/chat"
	"sidetext/keyword"
)

// isSuperseded reports whether the shopper has opted out or in after sentAt, the time
// at which they sent a text that arrived late. That text must not undo the later one.
// Texts are read too, because an opt-out or opt-in that changed nothing has no event.
func isSuperseded(t *chat.Turn, late chat.Entry, sentAt time.Time) (bool, error) {
	if stop, start := readOptWord(late.Text); sentAt.IsZero() || !stop && !start {
		return false, nil
	}
	since, err := t.History.After(max(late.Seq-1-lookBack, 0), lookBack)
	for _, e := range since {
		if !e.SortTime().After(sentAt) {
			continue
		}
		if e.Event == chat.OptedOut || e.Event == chat.OptedIn {
			return true, err
		}
		if stop, start := readOptWord(e.Text); e.Way == chat.In && (stop || start) {
			return true, err
		}
	}
	return false, err
}

// readOptWord reports whether a text clearly opts out or in. It is read as from a
// shopper who opted out, because then carriers accept YES for START.
func readOptWord(text string) (stop, start bool) {
	meaning := keyword.Read(text, keyword.State{OptedOut: true})
	return meaning.Silence == keyword.Clear, meaning.Intent == keyword.StartTexts
}

// startedSince reports whether the shopper has texted START after an entry. It reads
// the texts too, because without a known opt-out START has no event.
func startedSince(t *chat.Turn, entry int64) (bool, error) {
	since, err := t.History.After(entry, lookBack)
	for _, e := range since {
		if _, start := readOptWord(e.Text); e.Event == chat.OptedIn || e.Way == chat.In && start {
			return true, err
		}
	}
	return false, err
}

// lookBack is how many entries are searched at most.
const lookBack = 200
