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

// TestCorpus reads each text of the corpus. Texts that are known to be misread are
// labelled with that reading, so that improvements show, too.
func TestCorpus(t *testing.T) {
	t.Parallel()
	for _, text := range append(load(t), loadHeldOut(t)...) {
		m := text.Read()
		got, want := corpus.Label(m.Silence, m.Intent), corpus.Label(text.Silence, text.Intent)
		if text.Misread != "" && text.Misread != want {
			want = text.Misread
		}
		if got != want {
			t.Errorf("%s: %q: got %s, want %s", text.Kind, text.Text, got, want)
		}
	}
}

// TestCorpusScores checks the least that is required: no clear wish for silence is
// missed, no text that may be one can be answered by SMS, and texts for a person
// reach one.
func TestCorpusScores(t *testing.T) {
	t.Parallel()
	texts := load(t)
	if len(texts) < 300 {
		t.Errorf("only %d texts", len(texts))
	}
	s := corpus.Measure(texts)
	if s.Clear.Missed > 0 || s.Answered > 0 {
		t.Errorf("%d clear wishes for silence missed, %d texts that may ask for silence can be answered by SMS", s.Clear.Missed, s.Answered)
	}
	if p := s.Clear.Precision(); p < 0.99 {
		t.Errorf("clear wishes for silence: precision %.3f", p)
	}
	if r, p := s.Person.Recall(), s.Person.Precision(); r < 0.995 || p < 0.95 {
		t.Errorf("texts for a person: recall %.3f, precision %.3f", r, p)
	}
}

// TestPage fails if docs/reading.md is out of date.
func TestPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/reading.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(page) != corpus.Page(load(t), loadHeldOut(t)) {
		t.Error("docs/reading.md is out of date: run go generate ./keyword")
	}
}

// TestStopSplitInTwo reads a wish that a shopper sent as two texts. The second one
// is no wish for silence, not even if the phone joins them.
func TestStopSplitInTwo(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"sending the vanilla one, send the dark one instead", "stop\nsending the vanilla one, send the dark one instead"} {
		if m := keyword.Read(text, keyword.State{}); m.Silence == keyword.Clear {
			t.Errorf("%q: got %s", text, corpus.SilenceName(m.Silence))
		}
	}
}
