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
	asks    bool     // there is a question mark
}

func listen(text string) utterance {
	u := utterance{folded: strings.ReplaceAll(fold(text), " -", " — ")} // a name may sign: "STOP -Jane"
	var said []string
	for clause := range strings.FieldsFuncSeq(u.folded, ends) {
		words := wordsOf(clause)
		switch {
		case words == "":
		case len(said) > 0 && said[len(said)-1] == "stop" && goesOn.MatchString(words):
			said[len(said)-1] += " " + words // "stop / sending the vanilla one"
		default:
			said = append(said, words)
		}
	}
	u.words = strings.Join(said, " ")
	if spelt.MatchString(u.words) { // S T O P, s.t.o.p
		u.words = strings.ReplaceAll(u.words, " ", "")
		said = []string{u.words}
	}
	u.asks = strings.ContainsAny(u.folded, "?¿")
	return u.divide(said)
}

// divide fills in what the clauses say.
func (u utterance) divide(said []string) utterance {
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

// only is an utterance of the clauses that are given, of which u has more.
func (u utterance) only(clauses []string) utterance {
	return utterance{words: strings.Join(clauses, " "), asks: u.asks}.divide(slices.Clone(clauses))
}

var (
	spelt  = regexp.MustCompile(`^[a-z]( [a-z]){2,}$`)
	goesOn = regexp.MustCompile(`^(?:sending|shipping|charging|billing|delivering) `)
)
