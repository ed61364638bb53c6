package keyword

import (
	"regexp"
	"slices"
	"strings"
)

// An utterance is a text without what makes no difference to its meaning: case,
// accents, punctuation, emoji, repeated letters, common misspellings, politeness.
// Its strings are words in lower case with single spaces between them.
type utterance struct {
	folded   string   // with its punctuation
	words    string   // all words
	clauses  []string // the parts between full stops, commas and the like, without politeness
	core     string   // all words without politeness
	question bool     // the text has a question mark
}

func normalize(text string) utterance {
	u := utterance{folded: strings.ReplaceAll(fold(text), " -", " — ")} // a name may follow: "STOP -Jane"
	var clauses []string
	for clause := range strings.FieldsFuncSeq(u.folded, endsClause) {
		words := wordsOf(clause)
		switch {
		case words == "":
		case len(clauses) > 0 && clauses[len(clauses)-1] == "stop" && continuesStop.MatchString(words):
			clauses[len(clauses)-1] += " " + words // "stop / sending the vanilla one"
		default:
			clauses = append(clauses, words)
		}
	}
	u.words = strings.Join(clauses, " ")
	if spelledOut.MatchString(u.words) { // S T O P, s.t.o.p
		u.words = strings.ReplaceAll(u.words, " ", "")
		clauses = []string{u.words}
	}
	u.question = strings.ContainsAny(u.folded, "?¿")
	return u.withClauses(clauses)
}

// withClauses returns u with its clauses and its core filled in.
func (u utterance) withClauses(clauses []string) utterance {
	u.core = withoutPoliteness(u.words)
	if len(clauses) == 1 {
		clauses[0] = u.core
	} else {
		for i, clause := range clauses {
			clauses[i] = withoutPoliteness(clause)
		}
	}
	u.clauses = slices.DeleteFunc(clauses, func(clause string) bool { return clause == "" })
	return u
}

// only returns an utterance of some of u's clauses.
func (u utterance) only(clauses []string) utterance {
	return utterance{words: strings.Join(clauses, " "), question: u.question}.withClauses(slices.Clone(clauses))
}

var (
	spelledOut    = regexp.MustCompile(`^[a-z]( [a-z]){2,}$`)
	continuesStop = regexp.MustCompile(`^(?:sending|shipping|charging|billing|delivering) `)
)
