package keyword

import "regexp/syntax"

// openings are the words that a match of an expression may begin with and, for
// each of them, the words that may come second: nil if any may, or none has to.
// There are no openings if the first words can't be told, as of `\w+ times`, or
// if a match may begin without a word.
func openings(expression string) map[string]map[string]bool {
	re, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil
	}
	o := opening{found: map[string]map[string]bool{}}
	for _, begun := range o.read(re, []string{""}) {
		o.open(begun)
	}
	if _, empty := o.found[""]; o.lost || empty {
		return nil
	}
	return o.found
}

// An opening collects first and second words while an expression is read.
type opening struct {
	found map[string]map[string]bool
	lost  bool // there are first words that can't be told
}

// open records a beginning after which anything may come, or nothing.
func (o *opening) open(begun string) {
	if first := begun[:wordLen(begun)]; len(first) < len(begun) {
		o.found[first] = nil
	} else {
		o.lost = true
	}
}

// openAll is open for all of them.
func (o *opening) openAll(begun []string) []string {
	for _, b := range begun {
		o.open(b)
	}
	return nil
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
	case syntax.OpWordBoundary:
		return o.end(begun)
	case syntax.OpEndText:
		o.end(begun)
		return nil
	case syntax.OpConcat:
		for _, part := range re.Sub {
			begun = o.read(part, begun)
		}
		return begun
	case syntax.OpCapture:
		return o.read(re.Sub[0], begun)
	case syntax.OpAlternate:
		var going []string
		for _, way := range re.Sub {
			going = append(going, o.read(way, begun)...)
		}
		return unique(going)
	case syntax.OpQuest:
		return unique(append(o.read(re.Sub[0], begun), begun...))
	case syntax.OpPlus, syntax.OpStar:
		return o.repeat(re, begun)
	case syntax.OpRepeat:
		if re.Min == 0 || re.Max > 0 {
			return o.repeat(re, begun)
		}
	}
	return o.openAll(begun)
}

// repeat reads something again and again, until that brings nothing new. What
// goes on without end, as `\w*`, is lost at its first word and open at its
// second.
func (o *opening) repeat(re *syntax.Regexp, begun []string) []string {
	const enough = 16
	going := o.read(re.Sub[0], begun)
	all := going
	if re.Op != syntax.OpPlus {
		all = append(all, begun...)
	}
	for n := 0; len(going) > 0; n++ {
		if n == enough {
			return o.openAll(unique(all))
		}
		going = o.read(re.Sub[0], going)
		all = append(all, going...)
	}
	return unique(all)
}

// readClass goes on with any character of a small class. It is given as the
// first and the last of each of its ranges.
func (o *opening) readClass(ranges []rune, begun []string) (going []string) {
	const small = 5
	for i := 0; i < len(ranges); i += 2 {
		if ranges[i+1]-ranges[i] >= small {
			return o.openAll(begun)
		}
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			going = append(going, o.add(string(r), begun)...)
		}
	}
	return going
}

// end ends the words. A first word that has ended goes on with a space at least.
func (o *opening) end(begun []string) (going []string) {
	for _, b := range begun {
		first := b[:wordLen(b)]
		switch {
		case len(first) == len(b) || b == first+" ":
			o.found[first] = nil // nothing has to follow
			going = append(going, first+" ")
		default:
			o.pair(first, b[len(first)+1:])
		}
	}
	return going
}

// add goes on with a text. What isn't part of a word ends it.
func (o *opening) add(text string, begun []string) (going []string) {
	for _, b := range begun {
		b += text
		first := wordLen(b)
		if first == len(b) {
			going = append(going, b)
			continue
		}
		second := b[first+1:]
		if n := wordLen(second); n < len(second) {
			o.pair(b[:first], second[:n])
		} else {
			going = append(going, b)
		}
	}
	return going
}

// pair records that second may come after first.
func (o *opening) pair(first, second string) {
	seconds, there := o.found[first]
	switch {
	case second == "":
		o.found[first] = nil
	case !there:
		o.found[first] = map[string]bool{second: true}
	case seconds != nil:
		seconds[second] = true
	}
}

func unique(all []string) []string {
	if len(all) < 2 {
		return all
	}
	seen := make(map[string]bool, len(all))
	kept := all[:0:0]
	for _, s := range all {
		if !seen[s] {
			seen[s] = true
			kept = append(kept, s)
		}
	}
	return kept
}

// secondWord is the word after the first of s, of length n.
func secondWord(s string, n int) string {
	if n >= len(s) {
		return ""
	}
	s = s[n+1:]
	return s[:wordLen(s)]
}
