package phrase

import "maps"

// A Filter finds out quickly that a text matches none of several patterns.
type Filter struct {
	firsts  map[string]bool            // first words that any word may follow, or none
	seconds map[string]map[string]bool // by first word
}

// NewFilter returns the filter for some patterns.
func NewFilter(patterns ...Pattern) *Filter {
	f := &Filter{map[string]bool{}, map[string]map[string]bool{}}
	for _, pattern := range patterns {
		for _, prefix := range pattern.prefixes() {
			f.add(prefix)
		}
	}
	return f
}

func (f *Filter) add(p Prefix) {
	for first, all := range p {
		if f.seconds[first] == nil {
			f.seconds[first] = map[string]bool{}
		}
		for _, e := range all {
			if e.seconds == nil {
				f.firsts[first] = true
			}
			maps.Copy(f.seconds[first], e.seconds)
		}
	}
}

// MayMatch reports whether a match of one of the patterns may begin at some word
// of s. If it returns false, none of them matches there.
func (f *Filter) MayMatch(s string) bool {
	for at := range wordStarts(s) {
		rest := s[at:]
		n := WordLen(rest)
		first := rest[:n]
		seconds := f.seconds[first]
		if seconds != nil && (f.firsts[first] || seconds[secondWord(rest, n)]) {
			return true
		}
	}
	return false
}
