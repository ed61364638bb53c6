package keyword_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sidetext/keyword"
)

// same fails if a pattern finds in s anything but what its expression finds.
func same(t interface{ Errorf(string, ...any) }, p keyword.Pattern, expression *regexp.Regexp, s string) {
	if got, want := p.MatchString(s), expression.MatchString(s); got != want {
		t.Errorf("%q: got %v, want %v", s, got, want)
	}
	if p.ReplaceAllString == nil {
		return
	}
	if got, want := p.ReplaceAllString(s, "it"), expression.ReplaceAllString(s, "it"); got != want {
		t.Errorf("%q: got %q, want %q", s, got, want)
	}
}

// A pattern is its expression, only faster. That has to hold for what matches,
// however words are put before, between and behind.
func TestPatterns(t *testing.T) {
	t.Parallel()
	word := rapid.SampledFrom(vocabulary())
	salad := rapid.SliceOfN(word, 0, 6)
	heard := heard(t)
	for name, p := range keyword.Patterns() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expression := regexp.MustCompile(p.Expression)
			for _, text := range heard {
				same(t, p, expression, text)
			}
			if t.Failed() {
				return
			}
			meant := rapid.StringMatching(strings.ReplaceAll(p.Expression, `\b`, ``))
			rapid.Check(t, func(t *rapid.T) {
				said := meant.Draw(t, "meant")
				same(t, p, expression, said)
				words := strings.Split(said, " ")
				at := rapid.IntRange(0, len(words)-1).Draw(t, "at")
				same(t, p, expression, strings.Join(slices.Delete(slices.Clone(words), at, at+1), " "))
				words[at] = word.Draw(t, "instead")
				same(t, p, expression, strings.Join(words, " "))
				before, after := salad.Draw(t, "before"), salad.Draw(t, "after")
				same(t, p, expression, strings.Join(slices.Concat(before, []string{said}, after), " "))
				same(t, p, expression, strings.Join(slices.Concat(before, words, after), " "))
			})
		})
	}
}

// FuzzPatterns tries texts that nobody would send.
func FuzzPatterns(f *testing.F) {
	for _, text := range heard(f) {
		f.Add(text)
	}
	patterns, expressions := keyword.Patterns(), map[string]*regexp.Regexp{}
	for name, p := range patterns {
		expressions[name] = regexp.MustCompile(p.Expression)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for name, p := range patterns {
			same(t, p, expressions[name], s)
		}
	})
}

// heard is what patterns look at in the texts of our tables.
func heard(t testing.TB) []string {
	var all []string
	for i, text := range load(t) {
		if i%16 == 0 { // TestCorpus reads them all
			all = append(all, keyword.Heard(text.Text)...)
		}
	}
	for row := range strings.Lines(answers) {
		if text, _, ok := strings.Cut(row, " | "); ok {
			all = append(all, keyword.Heard(text)...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// vocabulary has the words of all patterns, and some that end or begin within
// what people would call a word.
func vocabulary() []string {
	words := strings.Fields("coffee 2 415 $ % ñ okñ ñstop stopñ ok_ _stop STOP")
	for _, p := range keyword.Patterns() {
		words = append(words, regexp.MustCompile(`[a-z]+`).FindAllString(p.Expression, -1)...)
	}
	slices.Sort(words)
	return slices.Compact(words)
}
