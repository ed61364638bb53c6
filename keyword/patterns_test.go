package keyword_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sidetext/keyword"
)

// checkSame fails if a pattern does not match s exactly as its expression does.
func checkSame(t interface{ Errorf(string, ...any) }, p keyword.Pattern, expression *regexp.Regexp, s string) {
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

// A pattern matches exactly what its expression matches. That has to hold for matches
// of the expression with words replaced, removed and added, too.
func TestPatternsMatchLikeExpressions(t *testing.T) {
	t.Parallel()
	word := rapid.SampledFrom(vocabulary())
	otherWords := rapid.SliceOfN(word, 0, 6)
	inputs := inputs(t)
	for name, p := range keyword.Patterns() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expression := regexp.MustCompile(p.Expression)
			for _, text := range inputs {
				checkSame(t, p, expression, text)
			}
			if t.Failed() {
				return
			}
			matching := rapid.StringMatching(strings.ReplaceAll(p.Expression, `\b`, ``))
			rapid.Check(t, func(t *rapid.T) {
				match := matching.Draw(t, "match")
				checkSame(t, p, expression, match)
				words := strings.Split(match, " ")
				at := rapid.IntRange(0, len(words)-1).Draw(t, "at")
				checkSame(t, p, expression, strings.Join(slices.Delete(slices.Clone(words), at, at+1), " "))
				words[at] = word.Draw(t, "instead")
				checkSame(t, p, expression, strings.Join(words, " "))
				before, after := otherWords.Draw(t, "before"), otherWords.Draw(t, "after")
				checkSame(t, p, expression, strings.Join(slices.Concat(before, []string{match}, after), " "))
				checkSame(t, p, expression, strings.Join(slices.Concat(before, words, after), " "))
			})
		})
	}
}

// FuzzPatterns compares patterns and expressions on arbitrary texts.
func FuzzPatterns(f *testing.F) {
	for _, text := range inputs(f) {
		f.Add(text)
	}
	patterns, expressions := keyword.Patterns(), map[string]*regexp.Regexp{}
	for name, p := range patterns {
		expressions[name] = regexp.MustCompile(p.Expression)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for name, p := range patterns {
			checkSame(t, p, expressions[name], s)
		}
	})
}

// inputs returns the strings that patterns are matched against in the texts of our
// tables.
func inputs(t testing.TB) []string {
	var all []string
	for i, text := range load(t) {
		if i%16 == 0 { // TestCorpus reads them all
			all = append(all, keyword.PatternInputs(text.Text)...)
		}
	}
	for row := range strings.Lines(answers) {
		if text, _, ok := strings.Cut(row, " | "); ok {
			all = append(all, keyword.PatternInputs(text)...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// vocabulary returns the words of all patterns, and some with characters that are no
// word characters for \b.
func vocabulary() []string {
	words := strings.Fields("coffee 2 415 $ % ñ okñ ñstop stopñ ok_ _stop STOP")
	for _, p := range keyword.Patterns() {
		words = append(words, regexp.MustCompile(`[a-z]+`).FindAllString(p.Expression, -1)...)
	}
	slices.Sort(words)
	return slices.Compact(words)
}
