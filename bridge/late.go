package bridge

import (
	"sidetext/chat"
	"sidetext/keyword"
)

// overtaken reports whether the shopper has opted out or in since they said what
// came late: a word that comes late does not undo a later one. A later word may
// have changed nothing here, where nobody knew of the first; so texts are read.
func overtaken(t *chat.Turn, late chat.Entry) (bool, error) {
	if late.Said.IsZero() {
		return false, nil
	}
	since, err := t.Recall.After(max(late.Seq-1-lookBack, 0), lookBack)
	for _, e := range since {
		if !e.When().After(late.Said) {
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

// lookBack is how many entries before a late text may be later than it.
const lookBack = 200
