package phrase_test

import (
	"testing"

	"sidetext/keyword/phrase"
)

var compiler = phrase.NewCompiler([][]string{{`(?:yes|sure) `}, {`can you `, `(?:i|we) want to `}}, "ORDER", `(?:order|box)`)

func TestExact(t *testing.T) {
	t.Parallel()
	skip := compiler.Exact(`(?:FRAME)?skip(?: my ORDER)?`, `no ORDER`)
	for text, want := range map[string]bool{
		"skip": true, "skip my box": true, "yes skip": true, "yes i want to skip my order": true, "can you skip": true, "no box": true,
		"": false, "skip it": false, "skip my": false, "can you yes skip": false, "yes no box": false, "i skip": false,
	} {
		if got := skip.MatchString(text); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

func TestAnywhere(t *testing.T) {
	t.Parallel()
	order := compiler.Anywhere(`my (?:next )?ORDER`, `skip`)
	for text, want := range map[string][2]int{
		"skip": {0, 4}, "where is my next order now": {9, 22}, "my box": {0, 6}, "my boxes": {-1, -1}, "skipped": {-1, -1}, "": {-1, -1},
	} {
		start, end := order.Find(text)
		if [2]int{start, end} != want || order.MatchString(text) != (start >= 0) {
			t.Errorf("%q: got %d, %d", text, start, end)
		}
	}
	if got := order.ReplaceAllString("skip my box, skip it", "it"); got != "it it, it it" {
		t.Errorf("got %q", got)
	}
}

func TestPrefixCut(t *testing.T) {
	t.Parallel()
	stop := compiler.Prefix(`stop (?:sending|it) `, `stop `)
	for text, want := range map[string]string{"stop it now": "now", "stop my box": "my box", "stop": "stop", "please stop it ": "please stop it "} {
		if rest, found := stop.Cut(text); rest != want || found != (rest != text) {
			t.Errorf("%q: got %q, %v", text, rest, found)
		}
	}
}

// A Filter must not exclude a text that one of its patterns matches.
func TestFilter(t *testing.T) {
	t.Parallel()
	f := phrase.NewFilter(compiler.Exact(`(?:FRAME)?skip ORDER`), compiler.Anywhere(`stop(?: it)?`), compiler.Prefix(`no more `))
	for text, want := range map[string]bool{
		"skip box": true, "can you skip box": true, "please stop": true, "no more": true,
		"": false, "skip it": false, "no thanks": false, "hello": false,
	} {
		if got := f.MayMatch(text); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

func TestNoFirstWord(t *testing.T) {
	t.Parallel()
	for _, expression := range []string{`\w+ times`, `(?:stop)?`, ` stop`, `.*`} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s was indexed", expression)
				}
			}()
			compiler.Prefix(expression)
		}()
	}
}
