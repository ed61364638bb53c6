package sms

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf16"
)

// A graphemeClass is a code point's Grapheme_Cluster_Break property of Unicode. Readers see
// a grapheme cluster as one character.
type graphemeClass uint8

const (
	classOther graphemeClass = iota
	classCR
	classLF
	classControl
	classExtend
	classRegional
	classSpacing
	classL
	classV
	classT
	classLV
	classLVT
	classPrepend
	classBase // emoji that can have a skin tone
	classModifier
	classJoiner
	classGlue     // joined to what is before a joiner
	classGlueBase // both
)

type graphemeRange struct {
	from, to rune
	class    graphemeClass
}

var graphemeTable = sync.OnceValue(func() (table []graphemeRange) {
	number := func(digits string) rune {
		n, err := strconv.ParseInt(digits, 36, 32)
		if err != nil {
			panic("sms: parse grapheme table: " + err.Error())
		}
		return rune(n)
	}
	for class, text := range graphemeRanges {
		end := rune(0)
		for item := range strings.FieldsSeq(text) {
			distance, length, isRange := strings.Cut(item, "+")
			r := graphemeRange{end + number(distance), end + number(distance), class}
			if isRange {
				r.to += number(length)
			}
			table = append(table, r)
			end = r.to
		}
	}
	slices.SortFunc(table, func(a, b graphemeRange) int { return cmp.Compare(a.from, b.from) })
	return table
})

func graphemeClassOf(r rune) graphemeClass {
	switch {
	case r >= ' ' && r <= '~':
		return classOther
	case r == '\r':
		return classCR
	case r == '\n':
		return classLF
	case r == '\u200d':
		return classJoiner
	case r >= 0xAC00 && r <= 0xD7A3: // Hangul syllables: 28 for each vowel, the first without a final consonant
		if (r-0xAC00)%28 == 0 {
			return classLV
		}
		return classLVT
	}
	i, found := slices.BinarySearchFunc(graphemeTable(), r, func(g graphemeRange, r rune) int {
		switch {
		case g.to < r:
			return -1
		case g.from > r:
			return 1
		}
		return 0
	})
	if !found {
		return classOther
	}
	return graphemeTable()[i].class
}

// A cluster is the state of the grapheme cluster that is being read.
type cluster struct {
	size         int           // code points so far
	first        graphemeClass // of the first code point
	before, last graphemeClass // of the last two
	extends      bool          // all after the first are Extend
	extended     bool          // one of them, the first included, is Extend
	flags        int           // regional indicators after the first code point
	flagsFirst   bool          // no other class is before the last of these
}

func (c *cluster) add(class graphemeClass) {
	if c.size == 0 {
		*c = cluster{first: class, extends: true, flagsFirst: true}
	} else {
		c.extends = c.extends && class == classExtend
		if class == classRegional {
			c.flagsFirst = c.flagsFirst && c.flags == c.size-1
			c.flags++
		}
	}
	c.extended = c.extended || class == classExtend
	c.before, c.last = c.last, class
	c.size++
}

// endsBefore reports whether the cluster ends before a code point of a class. The rules
// are those of grapheme-splitter 1.0.4, which Twilio's segment calculator uses: Unicode 10
// with some exceptions for unusual sequences. Newer versions of Unicode do not split some
// emoji that Twilio's calculator splits, such as the pirate flag, so the segments would
// not be those that Twilio counts.
func (c *cluster) endsBefore(next graphemeClass) bool {
	isBase := func(class graphemeClass) bool { return class == classBase || class == classGlueBase }
	switch {
	case c.size == 0:
		return false
	case next == classModifier && c.size > 1 && c.extends && c.first != classExtend && !isBase(c.first):
		return true
	case next == classRegional && c.size == 1 && c.last != classPrepend && c.last != classRegional:
		return true
	case next != classRegional && c.flags > 0 && c.flagsFirst && c.last != classPrepend && c.last != classRegional:
		return true
	case isLineEnd(c.last) || isLineEnd(next): // the calculator splits "\r\n", too
		return true
	case c.last == classL && (next == classL || next == classV || next == classLV || next == classLVT),
		(c.last == classLV || c.last == classV) && (next == classV || next == classT),
		(c.last == classLVT || c.last == classT) && next == classT:
		return false
	case next == classExtend || next == classJoiner || next == classSpacing || c.last == classPrepend:
		return false
	case next == classModifier && isBase(c.last) && !c.extended,
		next == classModifier && isBase(c.before) && c.last == classExtend && c.size > 1:
		return false
	case c.last == classJoiner && (next == classGlue || next == classGlueBase):
		return false
	case c.last == classRegional && next == classRegional && c.flags == 0:
		return false
	}
	return true
}

func isLineEnd(class graphemeClass) bool {
	return class == classControl || class == classCR || class == classLF
}

// graphemeWidths returns the number of UTF-16 units of each grapheme cluster of a text.
func graphemeWidths(text string) (widths []int) {
	var c cluster
	for _, r := range text {
		class := graphemeClassOf(r)
		if c.size == 0 || c.endsBefore(class) {
			c = cluster{}
			widths = append(widths, 0)
		}
		c.add(class)
		widths[len(widths)-1] += utf16.RuneLen(r)
	}
	return widths
}
