package keyword

import (
	"regexp"
	"slices"
	"strings"
)

// An utterance is a text without what makes no difference: case, accents,
// punctuation, emoji, repeated letters, common misspellings, politeness.
// Everything in it is words in lower case with single spaces between.
type utterance struct {
	folded  string   // with punctuation still in its place
	words   string   // all words
	clauses []string // what stands between full stops, commas and the like, politeness aside
	core    string   // all words but politeness
}

func listen(text string) utterance {
	u := utterance{folded: fold(text)}
	var said []string
	for clause := range strings.FieldsFuncSeq(u.folded, ends) {
		if words := wordsOf(clause); words != "" {
			said = append(said, words)
		}
	}
	u.words = strings.Join(said, " ")
	if spelt.MatchString(u.words) { // S T O P, s.t.o.p
		u.words = strings.ReplaceAll(u.words, " ", "")
		said = []string{u.words}
	}
	u.core = bare(u.words)
	if len(said) == 1 {
		said[0] = u.core
	} else {
		for i, clause := range said {
			said[i] = bare(clause)
		}
	}
	u.clauses = slices.DeleteFunc(said, func(clause string) bool { return clause == "" })
	return u
}

var spelt = regexp.MustCompile(`^[a-z]( [a-z]){2,}$`)
