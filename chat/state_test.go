package chat_test

import (
	"testing"

	"pgregory.net/rapid"

	"sidetext/chat"
)

var states = []chat.State{chat.Saved, chat.Unknown, chat.Queued, chat.Sending, chat.Sent, chat.Delivered, chat.Failed}

func TestFollows(t *testing.T) {
	t.Parallel()
	for i, known := range states {
		for j, news := range states {
			want := j > i && !known.Final()
			if got := news.Follows(known); got != want {
				t.Errorf("%s after %s: got %v", news, known, got)
			}
		}
		if chat.State("read").Follows(known) || chat.State("").Follows(known) {
			t.Errorf("an undefined state follows %s", known)
		}
	}
}

// TestStateRank: in whatever order reports come, the state only advances, the first
// final state stays, and without one the highest reported state wins.
func TestStateRank(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		known, final := chat.Saved, chat.State("")
		best := 0
		for _, news := range rapid.SliceOf(rapid.SampledFrom(states)).Draw(t, "reports") {
			if final == "" && news.Final() {
				final = news
			}
			for rank, s := range states {
				if s == news {
					best = max(best, rank)
				}
			}
			if news.Follows(known) {
				if known.Follows(news) {
					t.Fatalf("%s and %s follow each other", known, news)
				}
				known = news
			}
		}
		if want := states[best]; final != "" && known != final || final == "" && known != want {
			t.Fatalf("known %s, final %q, best %s", known, final, want)
		}
	})
}
