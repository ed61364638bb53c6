package stories

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sidetext/chat"
)

func seqs(entries []chat.Entry) (seqs []int64) {
	for _, e := range entries {
		seqs = append(seqs, e.Seq)
	}
	return seqs
}

// TestMissedFrames goes away, and gets what it lacks when it is back.
func TestMissedFrames(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	agent, id, _ := s.agent()
	s.settled()
	p := agent.open(id, 0)
	first := p.news
	if !first.Reset || first.Rev == 0 || len(first.Entries) < 2 || first.Conversation.ID != id {
		t.Fatalf("opened with %+v", first)
	}
	must(t, p.conn.Close())
	s.text(jane, "hello, anybody?")
	said := s.say(jane, "one moment please")
	said.becomes(chat.Delivered)
	s.settled()
	now := s.conversation(jane)
	var lacks []int64
	for _, e := range now.Entries {
		if e.Rev > first.Rev {
			lacks = append(lacks, e.Seq)
		}
	}
	p = agent.open(id, first.Rev)
	if p.Reset || p.Rev != now.Conversation.Rev || !slices.Equal(seqs(p.Entries), lacks) || !slices.Contains(lacks, said.seq) {
		t.Errorf("got %v, reset %v, rev %d; lacks %v up to %d", seqs(p.Entries), p.Reset, p.Rev, lacks, now.Conversation.Rev)
	}
	for _, e := range p.Entries {
		if e.Seq == said.seq && (e.State != chat.Delivered || e.Text != said.text) {
			t.Errorf("its text is %+v", e)
		}
	}
	p = agent.open(id, now.Conversation.Rev)
	if p.Reset || len(p.Entries) != 0 || p.Rev != now.Conversation.Rev {
		t.Errorf("up to date: got %+v", p.news)
	}
	for name, frame := range map[string]map[string]any{
		"of another epoch": {"since": now.Conversation.Rev, "epoch": "another"}, "of no epoch": {"since": now.Conversation.Rev},
		"from the future": {"since": now.Conversation.Rev + 1, "epoch": s.App.Store.Epoch()}, "from before": {"since": -7, "epoch": s.App.Store.Epoch()},
	} {
		frame["type"], frame["conversation"] = "open", id
		p.say(frame) // on the same socket: a page may lose its place
		if got := p.wait("opened"); !got.Reset || len(got.Entries) != len(now.Entries) || got.Epoch != s.App.Store.Epoch() {
			t.Errorf("%s: got %v, reset %v", name, seqs(got.Entries), got.Reset)
		}
	}
}

func TestEarlierEntries(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	agent, id, _ := s.agent()
	s.settled()
	door, err := s.App.Store.LineConfig(t.Context(), s.line().Endpoint)
	must(t, err)
	before := s.conversation(jane).Conversation
	_, err = s.App.Store.Receive(t.Context(), door, jane, time.Now(), func(turn *chat.Turn) error {
		for i := range 450 - before.Seq {
			if _, err := turn.Receive(chat.Incoming{Provider: "twilio", ID: fmt.Sprint("text ", i), Text: fmt.Sprint("text ", i)}); err != nil {
				return err
			}
		}
		return nil
	})
	must(t, err)
	p := agent.open(id, before.Rev)
	if got := seqs(p.Entries); !p.Reset || !p.Earlier || len(got) != 200 || got[0] != 251 || got[199] != 450 {
		t.Fatalf("opened with %v, reset %v", got, p.Reset)
	}
	for _, test := range []struct {
		before, first, last int64
		more                bool
	}{{251, 51, 250, true}, {51, 1, 50, false}, {201, 1, 200, false}, {202, 2, 201, true}, {2, 1, 1, false}, {1, 0, 0, false}, {0, 0, 0, false}, {-1 << 63, 0, 0, false}} {
		p.say(map[string]any{"type": "earlier", "before": test.before})
		got := p.wait("earlier")
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
