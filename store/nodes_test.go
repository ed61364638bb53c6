package store_test

import (
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
	"sidetext/store/pgtest"
)

// Revisions reads those of existing conversations, each in its own shop, however many.
func TestRevisions(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		want := map[store.Room]int64{}
		var ids []chat.ConversationID
		for i := range 75 {
			turn := h.receive(chat.Phone(fmt.Sprint("+1415555", 1000+i)), fmt.Sprint("SM", i), "hello")
			ids = append(ids, turn.Conversation.ID)
			want[store.Room{Shop: h.config.Shop.ID, ID: turn.Conversation.ID}] = turn.Conversation.Rev
		}
		again := h.turn(ids[3], noon, func(t *chat.Turn) error { t.Answer("Hi."); return nil })
		want[store.Room{Shop: h.config.Shop.ID, ID: ids[3]}] = again.Conversation.Rev
		all := slices.Collect(maps.Keys(want))
		for _, n := range []int{0, 1, 8, 9, 75} {
			rooms := append(slices.Clone(all[:n]), store.Room{Shop: "another", ID: ids[0]}, store.Room{Shop: h.config.Shop.ID, ID: "nowhere"})
			got := must[map[store.Room]int64](t)(s.Revisions(h.ctx, rooms))
			if len(got) != n {
				t.Errorf("of %d conversations %d were found", n, len(got))
			}
			for room, rev := range got {
				if rev != want[room] {
					t.Errorf("%v is at revision %d, want %d", room, rev, want[room])
				}
			}
		}
		many := make([]store.Room, 1200)
		for i := range many {
			many[i] = store.Room{Shop: h.config.Shop.ID, ID: chat.ConversationID(fmt.Sprint("unknown ", i))}
		}
		copy(many[1150:], all[:50])
		if got := must[map[store.Room]int64](t)(s.Revisions(h.ctx, many)); len(got) != 50 {
			t.Errorf("of 50 among many %d were found", len(got))
		}
		if got, err := s.Revisions(h.ctx, nil); len(got) != 0 || err != nil {
			t.Errorf("of none %v were found: %v", got, err)
		}
	})
}

// Calls of EndedSessions that continue from each other list every ended session,
// also one that was committed a little later than its time.
func TestEndedSessions(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "acme")
		signIn := func() string {
			t.Helper()
			link := must[string](t)(s.MakeSignInLink(h.ctx, h.config.Shop.ID, noon))
			return must[store.Session](t)(s.UseSignInLink(h.ctx, link, noon)).ID
		}
		first, second, late, open := signIn(), signIn(), signIn(), signIn()
		end := func(id string, at time.Time) {
			t.Helper()
			if err := s.EndSession(h.ctx, id, at); err != nil {
				t.Fatal(err)
			}
		}
		since := noon
		check := func(want ...string) {
			t.Helper()
			keys, latest, err := s.EndedSessions(h.ctx, since)
			if err != nil || latest.Before(since) {
				t.Fatalf("the latest ended at %v: %v", latest, err)
			}
			for _, id := range want {
				if !slices.Contains(keys, store.SessionKey(id)) {
					t.Error("an ended session is missing")
				}
			}
			if slices.Contains(keys, store.SessionKey(open)) || slices.Contains(keys, first) {
				t.Error("an open session is listed, or a session's id instead of its key")
			}
			since = latest
		}
		check()
		end(first, noon.Add(time.Minute))
		check(first)
		end(second, noon.Add(2*time.Minute))
		check(second)
		end(late, noon.Add(2*time.Minute-5*time.Second))
		check(late)
		since = noon.Add(time.Hour)
		if keys, latest, err := s.EndedSessions(h.ctx, since); len(keys) != 0 || !latest.Equal(since) || err != nil {
			t.Errorf("an hour later: %d sessions, latest %v, %v", len(keys), latest, err)
		}
	})
}

// A node's canary counts up, and all nodes can read it.
func TestCanary(t *testing.T) {
	t.Parallel()
	together(t, 2, func(t *testing.T, nodes []*store.Store) {
		a, b := nodes[0], nodes[1]
		for want := range int64(3) {
			if got := must[int64](t)(a.WriteCanary(t.Context(), noon)); got != want+1 {
				t.Errorf("write %d returned revision %d", want+1, got)
			}
		}
		must[int64](t)(b.WriteCanary(t.Context(), noon.Add(time.Minute)))
		if got := must[int64](t)(b.CanaryRevision(t.Context(), a.Node())); got != 3 {
			t.Errorf("the other node's revision is %d, want 3", got)
		}
		if _, err := a.CanaryRevision(t.Context(), "unknown"); err == nil {
			t.Error("an unknown node has a revision")
		}
		if got := must[[]string](t)(a.Nodes(t.Context(), noon)); !slices.Equal(got, []string{b.Node()}) {
			t.Errorf("after noon %v wrote canaries", got)
		}
		if got := must[[]string](t)(a.Nodes(t.Context(), noon.Add(-1000))); len(got) != 2 {
			t.Errorf("%v wrote canaries", got)
		}
	})
}

// A node that is closed removes its row, so that EnsureIdle need not wait.
func TestCloseDeletesCanary(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	for url := range map[string]bool{"sqlite:" + path: true, pgtest.Shared(t).Schema(t): true} {
		log := slog.New(slog.DiscardHandler)
		first, err := store.Open(t.Context(), url, key, log)
		if err != nil {
			t.Fatal(err)
		}
		must[int64](t)(first.WriteCanary(t.Context(), noon))
		for range 2 { // the second Close does nothing
			if err := first.Close(); err != nil {
				t.Fatal(err)
			}
		}
		second, err := store.Open(t.Context(), url, key, log)
		if err != nil {
			t.Fatal(err)
		}
		if left := must[[]string](t)(second.Nodes(t.Context(), noon.Add(-time.Minute))); len(left) != 0 {
			t.Errorf("%v still has a row", left)
		}
		if err := second.Close(); err != nil {
			t.Error(err)
		}
	}
}

// Queues counts the deliveries of each kind, and finds the oldest that is due.
func TestQueues(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *store.Store) {
		if got := must[[]store.Queue](t)(s.Queues(t.Context(), noon)); len(got) != 0 {
			t.Errorf("an empty database has %+v", got)
		}
		h := newShop(t, s, "acme")
		later, failed := sms("s4", "later", 1), sms("s5", "failed", 1)
		later.Due, failed.Problem = noon.Add(time.Hour), "a landline"
		code := chat.Delivery{ID: "c1", Kind: chat.PostCode, Account: "gorgias/acme", Lane: "c1", Due: noon.Add(2 * time.Hour)}
		post(h, sms("s1", "x", 1), sms("s2", "x", 2), sms("s3", "y", 1), later, failed, code)
		h.claimed("twilio/A", 1, noon)
		want := []store.Queue{{Kind: chat.PostCode, Ready: 1, Lanes: 1}, {Kind: chat.SendSMS, Ready: 3, Running: 1, Failed: 1, Lanes: 3, Oldest: noon}}
		if got := must[[]store.Queue](t)(s.Queues(h.ctx, noon)); !slices.Equal(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	})
}

// All nodes of a database have the same epoch.
func TestEpochIsShared(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "test.db"), "postgres": pgtest.Shared(t).Schema(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openURL(t, url)
			if other := openURL(t, url); other.Epoch() != s.Epoch() {
				t.Errorf("two nodes have the epochs %s and %s", s.Epoch(), other.Epoch())
			}
		})
	}
}

// Concurrent changes of a shop on two nodes are all saved.
func TestChangeShopOnTwoNodes(t *testing.T) {
	t.Parallel()
	together(t, 2, func(t *testing.T, nodes []*store.Store) {
		shop := must[chat.Shop](t)(nodes[0].AddShop(t.Context(), "", noon))
		var turn atomic.Int64
		const times = 40
		done := parallel(times, func() (bool, error) {
			return true, nodes[turn.Add(1)%2].ChangeShop(t.Context(), shop.ID, func(shop *chat.Shop) { shop.Name += "x" })
		})
		if got := must[chat.Shop](t)(nodes[1].Shop(t.Context(), shop.ID)); len(got.Name) != times || len(done) != times {
			t.Errorf("of %d changes %d succeeded and %d are saved", times, len(done), len(got.Name))
		}
	})
}

// The limit of codes per hour holds across nodes.
func TestCodesPerHourOnTwoNodes(t *testing.T) {
	t.Parallel()
	together(t, 2, func(t *testing.T, nodes []*store.Store) {
		h := newShop(t, nodes[0], "acme")
		other := &shopFixture{t, nodes[1], h.ctx, h.config}
		id := h.receive(phone, "SM1", "hello").Conversation.ID
		var turn atomic.Int64
		n := len(parallel(24, func() (string, error) { return []*shopFixture{h, other}[turn.Add(1)%2].makeCode(id, noon) }))
		if n != 12 {
			t.Errorf("%d codes in an hour", n)
		}
	})
}
