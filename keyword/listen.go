package keyword

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
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
	for _, clause := range strings.FieldsFunc(u.folded, ends) {
		if words := wordsOf(clause); len(words) > 0 {
			said = append(said, strings.Join(words, " "))
		}
	}
	u.words = strings.Join(said, " ")
	if spelt.MatchString(u.words) { // S T O P, s.t.o.p
		u.words = strings.ReplaceAll(u.words, " ", "")
		said = []string{u.words}
	}
	for _, clause := range said {
		if bare := bare(clause); bare != "" {
			u.clauses = append(u.clauses, bare)
		}
	}
	u.core = bare(u.words)
	return u
}

var spelt = regexp.MustCompile(`^[a-z]( [a-z]){2,}$`)

// fold removes case, accents, apostrophes and what can't be seen.
func fold(text string) string {
	text = strings.ReplaceAll(text, "´", "'") // else it becomes a space and an accent
	return strings.Map(func(r rune) rune {
		// Up and then down: what is the same letter in capitals becomes the same.
		r = unicode.ToLower(unicode.ToUpper(r))
		switch {
		case strings.ContainsRune("'’‘ʼ`", r), unicode.In(r, unicode.M, unicode.Cf):
			return -1
		}
		return r
	}, norm.NFKD.String(text))
}

// ends reports whether a clause ends here.
func ends(r rune) bool { return strings.ContainsRune(".,;!?\n\r—–¡¿", r) }

// wordsOf takes a clause apart. Signs that may change what a number or a word
// stands for ($2, 2%, <3, a@b) are words of their own; others are not there.
func wordsOf(clause string) []string {
	var spaced strings.Builder
	for _, r := range clause {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r):
			spaced.WriteRune(r)
		case strings.ContainsRune("%@&/", r), unicode.In(r, unicode.Sc, unicode.Sm):
			spaced.WriteString(" " + string(r) + " ")
		default:
			spaced.WriteByte(' ')
		}
	}
	var words []string
	for _, word := range strings.Fields(spaced.String()) {
		words = append(words, strings.Fields(spell(word))...)
	}
	return words
}

// spell corrects a word. No English word has a letter three times in a row, but
// a shopper who means it does.
func spell(word string) string {
	var short []rune
	letters := []rune(word)
	for i := 0; i < len(letters); {
		n := 1
		for i+n < len(letters) && letters[i+n] == letters[i] {
			n++
		}
		if n >= 3 && unicode.IsLetter(letters[i]) {
			short = append(short, letters[i])
		} else {
			short = append(short, letters[i:i+n]...)
		}
		i += n
	}
	if right, ok := spelling[string(short)]; ok {
		return right
	}
	return string(short)
}

var (
	polite = regexp.MustCompile(`\b(?:` + strings.Join([]string{
		`thank you(?: (?:so|very) much)?`, `thanks(?: (?:so much|a lot))?`, `ty`, `tysm`, `gracias`,
		`(?:hi|hello|hey)(?: there| guys| team| yall| again)?`, `hola`, `good (?:morning|afternoon|evening|day)`, `greetings`,
		`please`, `por favor`, `kindly`, `ok`, `okay`, `um`, `uh`, `well`, `oh`, `just`, `lol`, `sir`, `maam`,
		`right now`, `now`, `asap`, `immediately`, `if (?:possible|you can|you could|you dont mind)`, `have a (?:nice|good|great) (?:day|one)`,
	}, "|") + `)\b`)
	greeting = regexp.MustCompile(`\b(?:hi|hello|hey|hola|good (?:morning|afternoon|evening|day)|greetings)\b`)
	thanks   = regexp.MustCompile(`\b(?:thank you|thanks|ty|tysm|gracias|ok|okay)\b`)
	content  = full(`(?:(?:k|kk|great|cool|awesome|perfect|nice|good|lovely|amazing|wonderful|excellent|yay|wow|haha|you too|got it|gotcha|sounds (?:good|great)|will do|all good|looks good|love (?:it|this)|noted|understood|received|np|no (?:problem|worries)|(?:much|i) appreciated?(?: it)?|appreciate it|youre welcome|you are (?:awesome|the best)|youre (?:awesome|the best))(?: |$))+`)
)

// bare is what is left without politeness.
func bare(words string) string {
	return strings.Join(strings.Fields(polite.ReplaceAllString(words, " ")), " ")
}

func (u utterance) isGreeting() bool { return u.core == "" && greeting.MatchString(u.words) }

func (u utterance) isThanks() bool {
	return u.core == "" && thanks.MatchString(u.words) || content.MatchString(u.core)
}
