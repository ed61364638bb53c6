package keyword

import (
	"maps"
	"regexp/syntax"
	"slices"
)

// openings are the words that a match of an expression may begin with. There
// are none if that can't be told, as of `\w+ times`, or if a match may begin
// without a word.
func openings(expression string) []string {
	re, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil
	}
	o := opening{words: map[string]bool{}}
	if unfinished := o.read(re, []string{""}); o.lost || len(unfinished) > 0 || o.words[""] {
		return nil
	}
	return slices.Sorted(maps.Keys(o.words))
}

// An opening collects first words while an expression is read.
type opening struct {
	words map[string]bool
	lost  bool // there are words that can't be told
}

// read goes on with words that have begun like this, and returns those that
// haven't ended yet.
func (o *opening) read(re *syntax.Regexp, begun []string) []string {
	if len(begun) == 0 {
		return nil
	}
	switch re.Op {
	case syntax.OpEmptyMatch:
		return begun
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase == 0 {
			return o.add(string(re.Rune), begun)
		}
	case syntax.OpCharClass:
		return o.readClass(re.Rune, begun)
	case syntax.OpWordBoundary, syntax.OpEndText:
		return o.add(" ", begun)
	case syntax.OpConcat:
		for _, part := range re.Sub {
			begun = o.read(part, begun)
		}
		return begun
	case syntax.OpAlternate:
		var going []string
		for _, way := range re.Sub {
			going = append(going, o.read(way, begun)...)
		}
		return going
	case syntax.OpQuest:
		return append(o.read(re.Sub[0], begun), begun...)
	case syntax.OpPlus, syntax.OpStar:
		switch going := o.read(re.Sub[0], begun); {
		case len(going) > 0:
			// The word may go on without end.
		case re.Op == syntax.OpPlus:
			return nil
		default:
			return begun
		}
	}
	o.lost = true
	return nil
}

// readClass goes on with any character of a small class. It is given as the
// first and the last of each of its ranges.
func (o *opening) readClass(ranges []rune, begun []string) (going []string) {
	const small = 5
	for pair := range slices.Chunk(ranges, 2) {
		if pair[1]-pair[0] >= small {
			o.lost = true
			return nil
		}
		for r := pair[0]; r <= pair[1]; r++ {
			going = append(going, o.add(string(r), begun)...)
		}
	}
	return going
}

// add goes on with a text. What isn't part of a word ends it.
func (o *opening) add(text string, begun []string) (going []string) {
	for _, b := range begun {
		b += text
		if end := wordLen(b); end < len(b) {
			o.words[b[:end]] = true
		} else {
			going = append(going, b)
		}
	}
	return going
}
