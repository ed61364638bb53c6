package chat_test

import (
	"fmt"
	"slices"
	"testing"

	"sidetext/chat"
)

// lines shows a dialogue: its texts, and "-3" where three are left out.
func lines(d chat.Dialogue) (shown []string) {
	for _, l := range d {
		if l.Omitted > 0 {
			shown = append(shown, fmt.Sprint(-l.Omitted))
		} else {
			shown = append(shown, l.Text.Text)
		}
	}
	return shown
}

// spoken are entries with the places 1 to n as their texts.
func spoken(n int) (entries []chat.Entry) {
	for i := range n {
		entries = append(entries, chat.Entry{Seq: int64(i + 1), Kind: chat.Text, Text: fmt.Sprint(i + 1)})
	}
	return entries
}

func TestDialogue(t *testing.T) {
	t.Parallel()
	all := []chat.Span{{From: 1}}
	seven := spoken(7)
	event, note, empty, photo := seven[1], seven[2], seven[3], seven[4]
	event.Kind, note.Kind, empty.Text, photo.Text = chat.Happened, chat.Note, " ", ""
	photo.Media = []chat.Media{{Type: "image/png"}}
	for name, test := range map[string]struct {
		sight  chat.Snapshot
		before int64
		want   []string
	}{
		"nothing":                     {chat.Snapshot{}, 9, nil},
		"nothing handed over":         {chat.Snapshot{Entries: spoken(2)}, 9, []string{"-2"}},
		"whole":                       {chat.Snapshot{Entries: spoken(3), Spans: all}, 9, []string{"1", "2", "3"}},
		"only what came before":       {chat.Snapshot{Entries: spoken(3), Spans: all}, 3, []string{"1", "2"}},
		"an open escalation":          {chat.Snapshot{Entries: spoken(3), Escalation: &chat.Escalation{From: 2}}, 9, []string{"-1", "2", "3"}},
		"two hand-overs":              {chat.Snapshot{Entries: spoken(7), Spans: []chat.Span{{From: 1, To: 2}, {From: 5, To: 6}}}, 9, []string{"1", "2", "-2", "5", "6", "-1"}},
		"overlapping ones":            {chat.Snapshot{Entries: spoken(5), Spans: []chat.Span{{From: 2, To: 4}, {From: 1, To: 3}}}, 5, []string{"1", "2", "3", "4"}},
		"earlier ones were not read":  {chat.Snapshot{Entries: spoken(2), Spans: all, Omitted: 40}, 9, []string{"-40", "1", "2"}},
		"neither events, nor notes":   {chat.Snapshot{Entries: []chat.Entry{seven[0], event, note, empty, photo}, Spans: all}, 9, []string{"1", ""}},
		"events are no omitted texts": {chat.Snapshot{Entries: []chat.Entry{seven[0], event, note, empty}}, 9, []string{"-1"}},
	} {
		if got := lines(test.sight.Dialogue(test.before)); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// A dialogue that is cut says how much is missing, however it came to be.
func TestLongDialogue(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		sight   chat.Snapshot
		omitted int
		first   string
	}{
		"as long as may be":      {chat.Snapshot{Entries: spoken(100)}, 0, "1"},
		"one too many":           {chat.Snapshot{Entries: spoken(101)}, 1, "2"},
		"far too many":           {chat.Snapshot{Entries: spoken(250)}, 150, "151"},
		"with some not read":     {chat.Snapshot{Entries: spoken(130), Omitted: 7}, 37, "31"},
		"cut beside a gap":       {chat.Snapshot{Entries: spoken(130), Spans: []chat.Span{{From: 1, To: 10}, {From: 31}}}, 30, "31"},
		"fifty-one are no cause": {chat.Snapshot{Entries: spoken(51)}, 0, "1"},
	} {
		if test.sight.Spans == nil {
			test.sight.Spans = []chat.Span{{From: 1}}
		}
		d := test.sight.Dialogue(1000)
		got := lines(d)
		want := []string{test.first}
		if test.omitted > 0 {
			want = []string{fmt.Sprint(-test.omitted), test.first}
		}
		if !slices.Equal(got[:len(want)], want) || d.Texts() != len(test.sight.Entries)+test.sight.Omitted {
			t.Errorf("%s: it begins with %q, and has %d texts", name, got[:2], d.Texts())
		}
		if shown := len(d) - len(want) + 1; shown > chat.MaxDialogue {
			t.Errorf("%s: %d texts are shown", name, shown)
		}
	}
	d := chat.Snapshot{Entries: spoken(95), Spans: []chat.Span{{From: 1}}}.Dialogue(1000)
	if more := d.With(spoken(20)...); more.Texts() != 115 || more[0].Omitted != 15 || len(d) != 95 {
		t.Errorf("with twenty more it begins with %+v", more[0])
	}
	if got := lines(d.Emptied()); !slices.Equal(got, []string{"-95"}) {
		t.Errorf("emptied it is %q", got)
	}
	if d := chat.Dialogue(nil).Emptied(); len(d) != 0 {
		t.Errorf("nothing, emptied, is %v", d)
	}
}
