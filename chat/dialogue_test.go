package chat_test

import (
	"fmt"
	"slices"
	"testing"

	"sidetext/chat"
)

// shownTexts returns a dialogue's texts, with "-3" where three are left out.
func shownTexts(d chat.Dialogue) (shown []string) {
	for _, l := range d {
		if l.Omitted > 0 {
			shown = append(shown, fmt.Sprint(-l.Omitted))
		} else {
			shown = append(shown, l.Text.Text)
		}
	}
	return shown
}

// numberedTexts returns n entries whose texts are their places, from 1.
func numberedTexts(n int) (entries []chat.Entry) {
	for i := range n {
		entries = append(entries, chat.Entry{Seq: int64(i + 1), Kind: chat.Text, Text: fmt.Sprint(i + 1)})
	}
	return entries
}

func TestDialogue(t *testing.T) {
	t.Parallel()
	all := []chat.Span{{From: 1}}
	seven := numberedTexts(7)
	event, note, empty, photo := seven[1], seven[2], seven[3], seven[4]
	event.Kind, note.Kind, empty.Text, photo.Text = chat.EventEntry, chat.Note, " ", ""
	photo.Media = []chat.Media{{Type: "image/png"}}
	for name, test := range map[string]struct {
		snapshot chat.Snapshot
		before   int64
		want     []string
	}{
		"nothing":                  {chat.Snapshot{}, 9, nil},
		"nothing handed over":      {chat.Snapshot{Entries: numberedTexts(2)}, 9, []string{"-2"}},
		"all handed over":          {chat.Snapshot{Entries: numberedTexts(3), Spans: all}, 9, []string{"1", "2", "3"}},
		"only what came before":    {chat.Snapshot{Entries: numberedTexts(3), Spans: all}, 3, []string{"1", "2"}},
		"an open escalation":       {chat.Snapshot{Entries: numberedTexts(3), Escalation: &chat.Escalation{From: 2}}, 9, []string{"-1", "2", "3"}},
		"two hand-overs":           {chat.Snapshot{Entries: numberedTexts(7), Spans: []chat.Span{{From: 1, To: 2}, {From: 5, To: 6}}}, 9, []string{"1", "2", "-2", "5", "6", "-1"}},
		"overlapping hand-overs":   {chat.Snapshot{Entries: numberedTexts(5), Spans: []chat.Span{{From: 2, To: 4}, {From: 1, To: 3}}}, 5, []string{"1", "2", "3", "4"}},
		"earlier texts not loaded": {chat.Snapshot{Entries: numberedTexts(2), Spans: all, Omitted: 40}, 9, []string{"-40", "1", "2"}},
		"no events, notes, blanks": {chat.Snapshot{Entries: []chat.Entry{seven[0], event, note, empty, photo}, Spans: all}, 9, []string{"1", ""}},
		"events don't count":       {chat.Snapshot{Entries: []chat.Entry{seven[0], event, note, empty}}, 9, []string{"-1"}},
	} {
		if got := shownTexts(test.snapshot.Dialogue(test.before)); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// TestLongDialogue: a shortened dialogue says how many texts are missing.
func TestLongDialogue(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		snapshot chat.Snapshot
		omitted  int
		first    string
	}{
		"just short enough":    {chat.Snapshot{Entries: numberedTexts(100)}, 0, "1"},
		"one too many":         {chat.Snapshot{Entries: numberedTexts(101)}, 1, "2"},
		"far too many":         {chat.Snapshot{Entries: numberedTexts(250)}, 150, "151"},
		"with some not loaded": {chat.Snapshot{Entries: numberedTexts(130), Omitted: 7}, 37, "31"},
		"shortened at a gap":   {chat.Snapshot{Entries: numberedTexts(130), Spans: []chat.Span{{From: 1, To: 10}, {From: 31}}}, 30, "31"},
		"half as many":         {chat.Snapshot{Entries: numberedTexts(51)}, 0, "1"},
	} {
		if test.snapshot.Spans == nil {
			test.snapshot.Spans = []chat.Span{{From: 1}}
		}
		d := test.snapshot.Dialogue(1000)
		got := shownTexts(d)
		want := []string{test.first}
		if test.omitted > 0 {
			want = []string{fmt.Sprint(-test.omitted), test.first}
		}
		if !slices.Equal(got[:len(want)], want) || d.Texts() != len(test.snapshot.Entries)+test.snapshot.Omitted {
			t.Errorf("%s: starts with %q, has %d texts", name, got[:2], d.Texts())
		}
		if shown := len(d) - len(want) + 1; shown > chat.MaxDialogue {
			t.Errorf("%s: %d texts are shown", name, shown)
		}
	}
	d := chat.Snapshot{Entries: numberedTexts(95), Spans: []chat.Span{{From: 1}}}.Dialogue(1000)
	if more := d.With(numberedTexts(20)...); more.Texts() != 115 || more[0].Omitted != 15 || len(d) != 95 {
		t.Errorf("with twenty more texts: starts with %+v", more[0])
	}
	if got := shownTexts(d.Emptied()); !slices.Equal(got, []string{"-95"}) {
		t.Errorf("emptied: got %q", got)
	}
	if d := chat.Dialogue(nil).Emptied(); len(d) != 0 {
		t.Errorf("no dialogue, emptied: got %v", d)
	}
}
