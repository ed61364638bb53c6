package keyword_test

import (
	"os"
	"testing"

	"sidetext/keyword"
	"sidetext/keyword/corpus"
)

func load(t testing.TB) []corpus.Text {
	t.Helper()
	texts, err := corpus.Load("testdata")
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

func loadHeldOut(t testing.TB) []corpus.Text {
	t.Helper()
	texts, err := corpus.LoadHeldOut("testdata")
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// TestCorpus reads each text of the corpus. A text that is misread is marked with
// what it is taken for, so that a change for better or worse shows.
func TestCorpus(t *testing.T) {
	t.Parallel()
	for _, text := range append(load(t), loadHeldOut(t)...) {
		m := text.Read()
		got, want := corpus.Says(m.Silence, m.Intent), corpus.Says(text.Silence, text.Intent)
		if text.Misread != "" && text.Misread != want {
			want = text.Misread
		}
		if got != want {
			t.Errorf("%s: %q: got %s, want %s", text.Kind, text.Text, got, want)
		}
	}
}

// TestFloor holds what reading promises: no clear wish for silence is missed, no
// text that may be one can be answered by SMS, and what is for a person reaches
// one.
func TestFloor(t *testing.T) {
	t.Parallel()
	texts := load(t)
	if len(texts) < 300 {
		t.Errorf("only %d texts", len(texts))
	}
	s := corpus.Measure(texts)
	if s.Clear.Missed > 0 || s.Answered > 0 {
		t.Errorf("%d clear wishes for silence are missed; %d texts that may ask for silence can be answered by SMS", s.Clear.Missed, s.Answered)
	}
	if p := s.Clear.Precision(); p < 0.99 {
		t.Errorf("of what is taken for a clear wish for silence, %.3f is one", p)
	}
	if r, p := s.Person.Recall(), s.Person.Precision(); r < 0.995 || p < 0.95 {
		t.Errorf("what is for a person: recall %.3f, precision %.3f", r, p)
	}
}

// TestPage fails when docs/reading.md is stale: go generate ./keyword writes it.
func TestPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/reading.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(page) != corpus.Page(load(t), loadHeldOut(t)) {
		t.Error("docs/reading.md is not what the texts say: run go generate ./keyword")
	}
}

// TestStopSplitInTwo: the second of two texts is no wish for silence, also if a
// phone joins them.
func TestStopSplitInTwo(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"sending the vanilla one, send the dark one instead", "stop\nsending the vanilla one, send the dark one instead"} {
		if m := keyword.Read(text, keyword.State{}); m.Silence == keyword.Clear {
			t.Errorf("%q: got %s", text, m.Silence)
		}
	}
}
