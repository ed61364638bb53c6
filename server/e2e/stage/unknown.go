package stage

import (
	"context"
	"time"

	"sidetext/chat"
	"sidetext/pretend/wire"
)

// UnknownText makes a text whose outcome is unknown, ten minutes later: the
// provider did nothing with the request and did not respond.
func (s *Stage) UnknownText(p *Popup, id chat.ConversationID, text string) (seq int64) {
	s.T.Helper()
	s.World.Twilio.Faults.Add(wire.Fault{Act: wire.Reset, Path: "/Messages"})
	p.SendFrame(map[string]any{"type": "send", "id": "undecided-" + text, "text": text, "seen": 1 << 40})
	seq = p.WaitForFrame("saved").Seq
	p.WaitForEntry(seq, chat.Unknown, "looking")
	ctx := context.Background()
	_, err := s.App.Store.Turn(ctx, s.Shop.ID, id, s.App.Store.Now().Add(10*time.Minute), func(t *chat.Turn) error {
		tried, err := t.History.Attempts(time.Time{})
		if err != nil {
			return err
		}
		return t.CheckFailed(tried[len(tried)-1])
	})
	Must(s.T, err)
	s.World.Twilio.Faults.Clear()
	return seq
}

// WaitForEntry waits until an entry is shown in a state, with this problem.
func (p *Popup) WaitForEntry(seq int64, state chat.State, code string) chat.Entry {
	p.T.Helper()
	for {
		for _, e := range p.WaitForFrame("changed").Entries {
			got := ""
			if e.Problem != nil {
				got = e.Problem.Code
			}
			if e.Seq == seq && e.State == state && got == code {
				return e
			}
		}
	}
}
