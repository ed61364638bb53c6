package chat_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sidetext/chat"
)

// textWithPictures returns a world in which a text came with n pictures.
func textWithPictures(t *testing.T, n int) (*world, *chat.Turn) {
	t.Helper()
	w := newWorld()
	var media []chat.Media
	for i := range n {
		media = append(media, chat.Media{Type: "image/jpeg", URL: fmt.Sprint("https://api.example.com/", i)})
	}
	return w, w.must(t, func(turn *chat.Turn) error {
		_, err := turn.Receive(chat.Incoming{Provider: "twilio", ID: "MM1", Text: "look", Media: media})
		return err
	})
}

// TestReceiveWithMedia: the text is added at once, its files are fetched separately.
func TestReceiveWithMedia(t *testing.T) {
	t.Parallel()
	for n, fetched := range map[int]int{0: 0, 1: 1, 10: 10, 11: 10, 32: 10} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			w, turn := textWithPictures(t, n)
			e := w.entries[0]
			if len(e.Media) != n || len(turn.Deliveries) != fetched {
				t.Fatalf("of %d pictures: %d media, %d deliveries", n, len(e.Media), len(turn.Deliveries))
			}
			ids := map[chat.MediaID]bool{}
			for i, m := range e.Media {
				ids[m.ID] = true
				if m.URL != fmt.Sprint("https://api.example.com/", i) || m.Type != "image/jpeg" || m.Size != 0 {
					t.Errorf("picture %d is %+v", i, m)
				}
				if i >= fetched {
					if m.State != chat.MediaFailed || m.Problem == "" {
						t.Errorf("picture %d, over the limit, is %+v", i, m)
					}
					continue
				}
				d := turn.Deliveries[i]
				if m.State != chat.MediaWaiting || m.Problem != "" || d.Kind != chat.FetchMedia || payload[chat.MediaPayload](d) != (chat.MediaPayload{Entry: e.Seq, Media: m.ID}) || d.Conversation != "c" || d.Shop != "shop" {
					t.Errorf("picture %+v with delivery %+v", m, d)
				}
				if d.Account != "twilio/AC1/media" || d.Lane != "media/"+string(d.ID) || d.Urgent || !d.Due.Equal(noon) || !d.At.Equal(noon) {
					t.Errorf("delivery %+v", d)
				}
			}
			if len(ids) != n || ids[""] {
				t.Errorf("%d pictures have the ids %v", n, ids)
			}
		})
	}
}

func TestSaveMedia(t *testing.T) {
	t.Parallel()
	const kept, failed, waiting = chat.MediaKept, chat.MediaFailed, chat.MediaWaiting
	for name, test := range map[string]struct {
		saves []chat.Media // one after the other
		want  chat.Media
		revs  int64 // changes that viewers see
	}{
		"kept":               {[]chat.Media{{State: kept, Type: "image/png", Size: 7}}, chat.Media{State: kept, Type: "image/png", Size: 7}, 1},
		"failed":             {[]chat.Media{{State: failed, Problem: "No."}}, chat.Media{State: failed, Problem: "No."}, 1},
		"failed twice":       {[]chat.Media{{State: failed, Problem: "No."}, {State: failed, Problem: "No."}}, chat.Media{State: failed, Problem: "No."}, 1},
		"failed differently": {[]chat.Media{{State: failed, Problem: "No."}, {State: failed, Problem: "Nor so."}}, chat.Media{State: failed, Problem: "Nor so."}, 2},
		"failed, then kept":  {[]chat.Media{{State: failed, Problem: "No."}, {State: kept, Type: "image/png", Size: 7}}, chat.Media{State: kept, Type: "image/png", Size: 7}, 2},
		"kept, then failed":  {[]chat.Media{{State: kept, Type: "image/png", Size: 7}, {State: failed, Problem: "No."}}, chat.Media{State: kept, Type: "image/png", Size: 7}, 1},
		"kept twice":         {[]chat.Media{{State: kept, Type: "image/png", Size: 7}, {State: kept, Type: "image/gif", Size: 8}}, chat.Media{State: kept, Type: "image/png", Size: 7}, 1},
		"not saved":          {nil, chat.Media{State: waiting, Type: "image/jpeg"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, first := textWithPictures(t, 2)
			before, rev := w.entries[0], w.saved.Conversation.Rev
			for _, m := range test.saves {
				m.ID = before.Media[1].ID
				w.must(t, func(turn *chat.Turn) error { return turn.SaveMedia(1, m) })
			}
			test.want.ID, test.want.URL = before.Media[1].ID, before.Media[1].URL
			after := w.entries[0]
			if after.Media[1] != test.want || after.Media[0] != before.Media[0] {
				t.Errorf("got %+v", after.Media)
			}
			if after.Rev != rev+test.revs || w.saved.Conversation.Rev != rev+test.revs || after.Text != "look" || after.Seq != 1 {
				t.Errorf("want %d changes: %+v", test.revs, after)
			}
			if first.Added[0].Media[1].State != waiting {
				t.Error("an older copy of the entry changed too")
			}
		})
	}
	for name, m := range map[string]chat.Media{"unknown id": {ID: "elsewhere", State: kept}, "no id": {State: kept}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, _ := textWithPictures(t, 1)
			if turn, err := w.turn(func(turn *chat.Turn) error { return turn.SaveMedia(1, m) }); code(err) != "not_found" || turn.HasChanges() {
				t.Errorf("got %v, changes %v", err, turn.HasChanges())
			}
			m.ID = w.entries[0].Media[0].ID
			if _, err := w.turn(func(turn *chat.Turn) error { return turn.SaveMedia(2, m) }); code(err) != "not_found" {
				t.Errorf("of another entry: %v", err)
			}
		})
	}
}

func TestMediaToFetch(t *testing.T) {
	t.Parallel()
	for state, fetch := range map[chat.MediaState]bool{chat.MediaWaiting: true, chat.MediaFailed: true, chat.MediaKept: false} {
		w, first := textWithPictures(t, 2)
		d := first.Deliveries[1]
		w.entries[0].Media[1].State = state
		turn := w.must(t, func(turn *chat.Turn) error {
			m, err := turn.MediaToFetch(d)
			if (m != nil) != fetch || m != nil && *m != w.entries[0].Media[1] {
				t.Errorf("%s: got %+v", state, m)
			}
			return err
		})
		if done := slices.Contains(turn.Done, d.ID); done == fetch || turn.HasChanges() {
			t.Errorf("%s: done %v, changes %v", state, done, turn.HasChanges())
		}
	}
}

// TestSaveMediaInRandomOrder: a kept picture never changes, viewers see each change
// once, and no picture gets another's result.
func TestSaveMediaInRandomOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		w, _ := textWithPictures(t, 3)
		for range rapid.IntRange(1, 12).Draw(r, "saves") {
			i := rapid.IntRange(0, 2).Draw(r, "which")
			before := w.entries[0]
			m := rapid.SampledFrom([]chat.Media{
				{State: chat.MediaKept, Type: "image/png", Size: 1}, {State: chat.MediaKept, Type: "image/gif", Size: 2},
				{State: chat.MediaFailed, Problem: "a"}, {State: chat.MediaFailed, Problem: "b"},
			}).Draw(r, "result")
			m.ID = before.Media[i].ID
			turn := w.must(t, func(turn *chat.Turn) error { return turn.SaveMedia(1, m) })
			after := w.entries[0]
			for j := range after.Media {
				if j != i && after.Media[j] != before.Media[j] {
					r.Fatalf("picture %d changed from %+v to %+v with picture %d", j, before.Media[j], after.Media[j], i)
				}
			}
			if before.Media[i].State == chat.MediaKept && after.Media[i] != before.Media[i] {
				r.Fatalf("a kept picture changed from %+v to %+v", before.Media[i], after.Media[i])
			}
			if changed := !slices.Equal(after.Media, before.Media); changed != turn.HasChanges() || changed != (after.Rev == before.Rev+1) {
				r.Fatalf("media changed %v, turn has changes %v, revision %d after %d", changed, turn.HasChanges(), after.Rev, before.Rev)
			}
		}
	})
}
