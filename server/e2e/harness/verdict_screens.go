package harness

import (
	"cmp"
	"slices"

	"sidetext/chat"
)

// checkSaved checks that every text that the server answered with "saved" is at its
// place, and that every request of an agent was answered.
func (v Verdict) checkSaved(now *Snapshot, screens []*Screen) {
	for _, s := range screens {
		if n := s.unanswered(); n > 0 {
			v.Add(Pending, "%s has %d unanswered requests", s.name, n)
		}
		entries := now.Conversations[s.conversation].Entries
		for id, d := range s.saved() {
			i, found := slices.BinarySearchFunc(entries, d.seq, func(e chat.Entry, seq int64) int { return cmp.Compare(e.Seq, seq) })
			if !found || entries[i].Text != d.text || entries[i].Origin != chat.FromAgent(id) {
				v.Add(Lost, "%s got saved for %s at %d", s.name, d.text, d.seq)
			}
		}
	}
}

// checkScreens checks that every screen shows what is stored, and never showed
// anything else.
func (v Verdict) checkScreens(now *Snapshot, screens []*Screen) {
	for _, s := range screens {
		for _, violation := range s.allViolations() {
			v.Add(Inverted, "%s: %s", s.name, violation)
		}
		shown, floor, last, fresh := s.shown()
		c := now.Conversations[s.conversation]
		if !fresh || last != c.Seq || floor != 1 {
			v.Add(Pending, "%s shows places %d to %d, stored are %d", s.name, floor, last, c.Seq)
			continue
		}
		for _, e := range c.Entries {
			if got := shown[e.Seq]; got.Rev != e.Rev || got.Text != e.Text || got.State != e.State || got.Way != e.Way || got.Event != e.Event {
				v.Add(Pending, "%s shows place %d at revision %d (%s), stored is %d (%s)", s.name, e.Seq, got.Rev, got.State, e.Rev, e.State)
				break
			}
		}
	}
}
