package popup_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/server/e2e/stage"
)

func seqs(entries []chat.Entry) (seqs []int64) {
	for _, e := range entries {
		seqs = append(seqs, e.Seq)
	}
	return seqs
}

// TestMissedFrames: a page that reconnects gets exactly what it missed.
func TestMissedFrames(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	agent, id, _ := s.SignedInAgent()
	s.WaitUntilIdle()
	p := agent.Open(id, 0)
	first := p.Frame
	if !first.Reset || first.Rev == 0 || len(first.Entries) < 2 || first.Conversation.ID != id {
		t.Fatalf("opened with %+v", first)
	}
	stage.Must(t, p.Conn.Close())
	s.SendText(stage.Jane, "hello, anybody?")
	sent := s.SendAsAgent(stage.Jane, "one moment please")
	sent.WaitForState(chat.Delivered)
	s.WaitUntilIdle()
	now := s.Conversation(stage.Jane)
	var lacks []int64
	for _, e := range now.Entries {
		if e.Rev > first.Rev {
			lacks = append(lacks, e.Seq)
		}
	}
	p = agent.Open(id, first.Rev)
	if p.Reset || p.Rev != now.Conversation.Rev || !slices.Equal(seqs(p.Entries), lacks) || !slices.Contains(lacks, sent.Seq) {
		t.Errorf("got %v, reset %v, rev %d; lacks %v up to %d", seqs(p.Entries), p.Reset, p.Rev, lacks, now.Conversation.Rev)
	}
	for _, e := range p.Entries {
		if e.Seq == sent.Seq && (e.State != chat.Delivered || e.Text != sent.Text) {
			t.Errorf("its text is %+v", e)
		}
	}
	p = agent.Open(id, now.Conversation.Rev)
	if p.Reset || len(p.Entries) != 0 || p.Rev != now.Conversation.Rev {
		t.Errorf("up to date: got %+v", p.Frame)
	}
	for name, frame := range map[string]map[string]any{
		"of another epoch": {"since": now.Conversation.Rev, "epoch": "another"}, "of no epoch": {"since": now.Conversation.Rev},
		"from the future": {"since": now.Conversation.Rev + 1, "epoch": s.App.Store.Epoch()}, "from before": {"since": -7, "epoch": s.App.Store.Epoch()},
	} {
		frame["type"], frame["conversation"] = "open", id
		p.SendFrame(frame) // on the same socket: a page may lose its place
		if got := p.WaitForFrame("opened"); !got.Reset || len(got.Entries) != len(now.Entries) || got.Epoch != s.App.Store.Epoch() {
			t.Errorf("%s: got %v, reset %v", name, seqs(got.Entries), got.Reset)
		}
	}
}

func TestEarlierEntries(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	agent, id, _ := s.SignedInAgent()
	s.WaitUntilIdle()
	line, err := s.App.Store.LineConfig(t.Context(), s.Line().Endpoint)
	stage.Must(t, err)
	before := s.Conversation(stage.Jane).Conversation
	_, err = s.App.Store.Receive(t.Context(), line, stage.Jane, time.Now(), func(turn *chat.Turn) error {
		for i := range 450 - before.Seq {
			if _, err := turn.Receive(chat.Incoming{Provider: "twilio", ID: fmt.Sprint("text ", i), Text: fmt.Sprint("text ", i)}); err != nil {
				return err
			}
		}
		return nil
	})
	stage.Must(t, err)
	p := agent.Open(id, before.Rev)
	if got := seqs(p.Entries); !p.Reset || !p.Earlier || len(got) != 200 || got[0] != 251 || got[199] != 450 {
		t.Fatalf("opened with %v, reset %v", got, p.Reset)
	}
	for _, test := range []struct {
		before, first, last int64
		more                bool
	}{{251, 51, 250, true}, {51, 1, 50, false}, {201, 1, 200, false}, {202, 2, 201, true}, {2, 1, 1, false}, {1, 0, 0, false}, {0, 0, 0, false}, {-1 << 63, 0, 0, false}} {
		p.SendFrame(map[string]any{"type": "earlier", "before": test.before})
		got := p.WaitForFrame("earlier")
		all := seqs(got.Entries)
		if test.first == 0 {
			if len(all) != 0 || got.Earlier || got.Entries == nil {
				t.Errorf("before %d: got %v", test.before, all)
			}
			continue
		}
		if int64(len(all)) != test.last-test.first+1 || all[0] != test.first || all[len(all)-1] != test.last || got.Earlier != test.more {
			t.Errorf("before %d: got %v, and more: %v", test.before, all, got.Earlier)
		}
	}
}
