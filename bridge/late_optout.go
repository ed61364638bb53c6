package bridge

import (
	"time"

	"sidetext/chat"
	"sidetext/keyword"
)

// overtaken reports whether the shopper has opted out or in since they said what
// came late: a word that comes late does not undo a later one. A later word may
// have changed nothing here, where nobody knew of the first; so texts are read.
func overtaken(t *chat.Turn, late chat.Entry, said time.Time) (bool, error) {
	if stop, start := chooses(late.Text); said.IsZero() || !stop && !start {
		return false, nil
	}
	since, err := t.History.After(max(late.Seq-1-lookBack, 0), lookBack)
	for _, e := range since {
		if !e.SortTime().After(said) {
			continue
		}
		if e.Event == chat.OptedOut || e.Event == chat.OptedIn {
			return true, err
		}
		if stop, start := chooses(e.Text); e.Way == chat.In && (stop || start) {
			return true, err
		}
	}
	return false, err
}

// chooses reports whether a text clearly asks for silence, or for texts again,
// from a shopper who may have opted out: then carriers take YES for START.
func chooses(text string) (stop, start bool) {
	means := keyword.Read(text, keyword.State{OptedOut: true})
	return means.Silence == keyword.Clear, means.Intent == keyword.StartTexts
}

// startedSince reports whether the shopper has texted START since an entry, also
// if that changed nothing here, where nobody knew that they had opted out.
func startedSince(t *chat.Turn, entry int64) (bool, error) {
	since, err := t.History.After(entry, lookBack)
	for _, e := range since {
		if _, start := chooses(e.Text); e.Event == chat.OptedIn || e.Way == chat.In && start {
			return true, err
		}
	}
	return false, err
}

// lookBack is how many entries are looked through for such words.
const lookBack = 200
