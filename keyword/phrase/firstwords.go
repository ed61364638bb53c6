package phrase

import "regexp/syntax"

// firstWords returns the words that a match of an expression may begin with and,
// for each of them, the words that may come second; nil if any word, or none, may
// follow. It returns nil if the first words can't be determined, as in `\w+ times`,
// or if a match may begin without a word.
func firstWords(expression string) map[string]map[string]bool {
	re, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil
	}
	c := collector{found: map[string]map[string]bool{}}
	for _, prefix := range c.read(re, []string{""}) {
		c.leaveOpen(prefix)
	}
	if _, empty := c.found[""]; c.unknown || empty {
		return nil
	}
	return c.found
}

// A collector collects the first and second words of an expression while it walks
// through its syntax tree. Prefixes are the beginnings of matches as far as they
// have been read and as long as their second word is not complete.
type collector struct {
	found   map[string]map[string]bool
	unknown bool // some first words can't be determined
}

// leaveOpen records a prefix that anything may follow, or nothing.
func (c *collector) leaveOpen(prefix string) {
	if first := prefix[:WordLen(prefix)]; len(first) < len(prefix) {
		c.found[first] = nil
	} else {
		c.unknown = true
	}
}

func (c *collector) leaveAllOpen(prefixes []string) []string {
	for _, prefix := range prefixes {
		c.leaveOpen(prefix)
	}
	return nil
}

// read extends prefixes by what re matches, and returns those that are not
// complete yet.
func (c *collector) read(re *syntax.Regexp, prefixes []string) []string {
	if len(prefixes) == 0 {
		return nil
	}
	switch re.Op {
	case syntax.OpEmptyMatch:
		return prefixes
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase == 0 {
			return c.extend(string(re.Rune), prefixes)
		}
	case syntax.OpCharClass:
		return c.readClass(re.Rune, prefixes)
	case syntax.OpWordBoundary:
		return c.endWord(prefixes)
	case syntax.OpEndText:
		c.endWord(prefixes)
		return nil
	case syntax.OpConcat:
		for _, part := range re.Sub {
			prefixes = c.read(part, prefixes)
		}
		return prefixes
	case syntax.OpCapture:
		return c.read(re.Sub[0], prefixes)
	case syntax.OpAlternate:
		var extended []string
		for _, alternative := range re.Sub {
			extended = append(extended, c.read(alternative, prefixes)...)
		}
		return unique(extended)
	case syntax.OpQuest:
		return unique(append(c.read(re.Sub[0], prefixes), prefixes...))
	case syntax.OpPlus, syntax.OpStar:
		return c.repeat(re, prefixes)
	case syntax.OpRepeat:
		if re.Min == 0 || re.Max > 0 {
			return c.repeat(re, prefixes)
		}
	}
	return c.leaveAllOpen(prefixes)
}

// repeat reads a repetition until that adds nothing new. A word without an end, as
// in `\w*`, can't be determined as a first word; as a second word it is left open.
func (c *collector) repeat(re *syntax.Regexp, prefixes []string) []string {
	const maxRounds = 16
	extended := c.read(re.Sub[0], prefixes)
	all := extended
	if re.Op != syntax.OpPlus {
		all = append(all, prefixes...)
	}
	for n := 0; len(extended) > 0; n++ {
		if n == maxRounds {
			return c.leaveAllOpen(unique(all))
		}
		extended = c.read(re.Sub[0], extended)
		all = append(all, extended...)
	}
	return unique(all)
}

// readClass extends prefixes by each character of a small class, which is given as
// the first and the last character of each of its ranges.
func (c *collector) readClass(ranges []rune, prefixes []string) (extended []string) {
	const small = 5
	for i := 0; i < len(ranges); i += 2 {
		if ranges[i+1]-ranges[i] >= small {
			return c.leaveAllOpen(prefixes)
		}
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			extended = append(extended, c.extend(string(r), prefixes)...)
		}
	}
	return extended
}

// endWord completes the last word of each prefix. After a first word a space may
// follow, so that prefix is returned.
func (c *collector) endWord(prefixes []string) (extended []string) {
	for _, prefix := range prefixes {
		first := prefix[:WordLen(prefix)]
		switch {
		case len(first) == len(prefix) || prefix == first+" ":
			c.found[first] = nil // nothing has to follow
			extended = append(extended, first+" ")
		default:
			c.addPair(first, prefix[len(first)+1:])
		}
	}
	return extended
}

// extend adds text to prefixes. A character that isn't part of a word completes it.
func (c *collector) extend(text string, prefixes []string) (extended []string) {
	for _, prefix := range prefixes {
		prefix += text
		first := WordLen(prefix)
		if first == len(prefix) {
			extended = append(extended, prefix)
			continue
		}
		second := prefix[first+1:]
		if n := WordLen(second); n < len(second) {
			c.addPair(prefix[:first], second[:n])
		} else {
			extended = append(extended, prefix)
		}
	}
	return extended
}

// addPair records that second may follow first.
func (c *collector) addPair(first, second string) {
	seconds, known := c.found[first]
	switch {
	case second == "":
		c.found[first] = nil
	case !known:
		c.found[first] = map[string]bool{second: true}
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
