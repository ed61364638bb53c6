package harness

import (
	"fmt"
	"strings"

	"sidetext/chat"
	"sidetext/pretend/twilio"
)

// checkSent compares outgoing texts with what the provider accepted: none was accepted
// twice, and none without an attempt in the database. The servers keep running: before
// and after are what the provider had accepted before and after the database was read.
func (v Verdict) checkSent(now *Snapshot, before, after []twilio.Message) {
	byPlace := map[place][]twilio.Message{}
	for i, m := range after {
		_, token, _ := strings.Cut(m.Callback, "/status/")
		where, known := now.attempts[token]
		if known {
			byPlace[where] = append(byPlace[where], m)
		} else if i < len(before) {
			v.Add(Broken, "%s was sent without an attempt", m.SID)
		}
	}
	for id, c := range now.Conversations {
		for _, e := range c.Entries {
			if e.Way != chat.Out {
				continue
			}
			v.checkState(fmt.Sprintf("in %s the text at %d (%s, %v)", id, e.Seq, e.State, e.Problem), e, byPlace[place{id, e.Seq}])
		}
	}
}

// checkState checks that the provider's record of an outgoing text agrees with the
// entry's state.
func (v Verdict) checkState(what string, e chat.Entry, accepted []twilio.Message) {
	if len(accepted) > 1 {
		v.Add(Doubled, "%s was accepted %d times", what, len(accepted))
		return
	}
	taken := len(accepted) == 1
	if taken && accepted[0].Body != e.Text {
		v.Add(Broken, "%s was sent with another body", what)
	}
	switch e.State {
	case chat.Saved:
		v.Add(Pending, "%s has not been sent", what)
	case chat.Unknown:
		if e.Problem == nil {
			v.Add(Broken, "%s has no problem that explains it", what)
		}
		if taken {
			v.Add(Unresolved, "%s was accepted", what)
		}
	case chat.Failed:
		if e.Problem == nil {
			v.Add(Broken, "%s has no problem that explains it", what)
		}
		if taken && accepted[0].Status != "failed" && accepted[0].Status != "undelivered" {
			v.Add(Broken, "%s is %s at the provider", what, accepted[0].Status)
		}
	default:
		if !taken {
			v.Add(Broken, "%s was never accepted", what)
		}
	}
}
