package keyword

import (
	"iter"
	"maps"
	"regexp"
	"strings"
)

// ways are regular expressions, by the words that their matches begin with.
//
// What shoppers may say could be one expression, but an engine would try each
// of its hundreds of beginnings at every letter of a text. So each way to say a
// thing is an expression of its own, and is tried only where such a word stands,
// and a word behind it that may come second.
type ways map[string][]way

type way struct {
	*regexp.Regexp
	seconds map[string]bool // nil: any
}

func waysOf(expressions ...string) ways {
	w := ways{}
	for _, expression := range expressions {
		w.add(shared.Replace(expression))
	}
	return w
}

// add panics if there is no telling which words an expression may begin with.
func (w ways) add(expression string) {
	compiled := regexp.MustCompile(`^(?:` + expression + `)`)
	words := openings(expression)
	if words == nil {
		panic("keyword: there is no telling how this begins: " + expression)
	}
	for word, seconds := range words {
		w[word] = append(w[word], way{compiled, seconds})
	}
}

// begin reports whether s begins in one of the ways.
func (w ways) begin(s string) bool {
	_, found := w.cut(s)
	return found
}

// cut returns what comes after the first of the ways in which s begins.
func (w ways) cut(s string) (rest string, found bool) {
	n := wordLen(s)
	all := w[s[:n]]
	if len(all) == 0 {
		return s, false
	}
	second := secondWord(s, n)
	for _, way := range all {
		if way.seconds != nil && !way.seconds[second] {
			continue
		}
		if match := way.FindStringIndex(s); match != nil {
			return s[match[1]:], true
		}
	}
	return s, false
}

// starts are the words that any of several ways may begin with.
type starts struct {
	firsts  map[string]bool // any word may come second
	seconds map[string]map[string]bool
}

func (s *starts) add(w ways) {
	if s.firsts == nil {
		s.firsts, s.seconds = map[string]bool{}, map[string]map[string]bool{}
	}
	for first, all := range w {
		if s.seconds[first] == nil {
			s.seconds[first] = map[string]bool{}
		}
		for _, way := range all {
			if way.seconds == nil {
				s.firsts[first] = true
			}
			maps.Copy(s.seconds[first], way.seconds)
		}
	}
}

// may reports whether text may begin in one of the ways.
func (s *starts) may(text string) bool {
	n := wordLen(text)
	seconds := s.seconds[text[:n]]
	return seconds != nil && (s.firsts[text[:n]] || seconds[secondWord(text, n)])
}

// A whole matches texts that say one thing and nothing else.
type whole struct {
	unframed, framed ways
	plain            string // the same as one expression
}

// full makes a pattern that has to match everything that was said.
func full(expressions ...string) whole {
	w := whole{ways{}, ways{}, `^(?:` + shared.Replace(strings.Join(expressions, "|")) + `)$`}
	for _, expression := range expressions {
		said, isFramed := strings.CutPrefix(expression, `(?:FRAME)?`)
		into := w.unframed
		if isFramed {
			into = w.framed
		}
		into.add(`(?:` + shared.Replace(said) + `)$`)
	}
	return w
}

func (w whole) MatchString(s string) bool { return w.unframed.begin(s) || framed(s, w.framed.begin) }

// A part matches texts that say a thing anywhere.
type part struct {
	ways
	plain string // the same as one expression
}

// within makes a pattern that may match anywhere, in whole words.
func within(expressions ...string) part { return anywhere(expressions, `\b`) }

// anywhere is within for expressions that end otherwise.
func anywhere(expressions []string, end string) part {
	p := part{ways{}, `\b(?:` + shared.Replace(strings.Join(expressions, "|")) + `)` + end}
	for _, expression := range expressions {
		p.add(`(?:` + shared.Replace(expression) + `)` + end)
	}
	return p
}

func (p part) MatchString(s string) bool {
	for at := range wordsIn(s) {
		if p.begin(s[at:]) {
			return true
		}
	}
	return false
}

// find is where the first match in s begins and ends; both are -1 if there is none.
func (p part) find(s string) (start, end int) {
	for at := range wordsIn(s) {
		if rest, found := p.cut(s[at:]); found {
			return at, len(s) - len(rest)
		}
	}
	return -1, -1
}

// ReplaceAllString puts by in place of whatever matches.
func (p part) ReplaceAllString(s, by string) string {
	var replaced strings.Builder
	done := 0
	for at := range wordsIn(s) {
		if at < done {
			continue
		}
		if rest, found := p.cut(s[at:]); found {
			replaced.WriteString(s[done:at] + by)
			done = len(s) - len(rest)
		}
	}
	if done == 0 {
		return s
	}
	return replaced.String() + s[done:]
}

// wordsIn is where words begin in s. They are what `\b` takes for words.
func wordsIn(s string) iter.Seq[int] {
	return func(yield func(int) bool) {
		for at := 0; at < len(s); at++ {
			n := wordLen(s[at:])
			if n > 0 && !yield(at) {
				return
			}
			at += n
		}
	}
}

// wordLen is the length of the word that s begins with.
func wordLen(s string) int {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && c != '_' {
			return i
		}
	}
	return len(s)
}
