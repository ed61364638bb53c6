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
	if said.IsZero() {
		return false, nil
	}
	since, err := t.Recall.After(max(late.Seq-1-lookBack, 0), lookBack)
	for _, e := range since {
		if !e.When().After(said) {
			continue
		}
		if e.Event == chat.OptedOut || e.Event == chat.OptedIn {
			return true, err
		}
		if e.Way == chat.In {
			switch keyword.Read(e.Text, keyword.State{OptedOut: true}).Intent {
			case keyword.StopTexts, keyword.StartTexts:
				return true, err
			}
		}
	}
	return false, err
}

// startedSince reports whether the shopper has texted START since an entry, also
// if that changed nothing here, where nobody knew that they had opted out.
func startedSince(t *chat.Turn, entry int64) (bool, error) {
	since, err := t.Recall.After(entry, lookBack)
	for _, e := range since {
		if e.Event == chat.OptedIn || e.Way == chat.In && keyword.Read(e.Text, keyword.State{OptedOut: true}).Intent == keyword.StartTexts {
			return true, err
		}
	}
	return false, err
}

// lookBack is how many entries are looked through for such words.
const lookBack = 200
