package keyword

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold removes case, accents, apostrophes and what can't be seen.
func fold(text string) string {
	text = strings.ReplaceAll(text, "´", "'") // else it becomes a space and an accent
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\'', r == '`':
			return -1
		case r < utf8.RuneSelf:
			return unicode.ToLower(r)
		}
		// Up and then down: what is the same letter in capitals becomes the same.
		r = unicode.ToLower(unicode.ToUpper(r))
		switch r {
		case 'đ':
			return 'd'
		case 'ł':
			return 'l'
		case 'ø':
			return 'o'
		case 'ı':
			return 'i'
		}
		if strings.ContainsRune("'’‘ʼ`", r) || unicode.In(r, unicode.M, unicode.Cf) {
			return -1
		}
		return r
	}, norm.NFKD.String(text))
}

// ends reports whether a clause ends here.
func ends(r rune) bool {
	switch r {
	case '.', ',', ';', '!', '?', '\n', '\r', '—', '–', '¡', '¿':
		return true
	}
	return false
}

// wordsOf is what a clause says. Signs that may change what a number or a word
// stands for ($2, 2%, <3, a@b) are words of their own; others are not there.
func wordsOf(clause string) string {
	var spaced strings.Builder
	spaced.Grow(len(clause))
	for i, r := range clause {
		switch {
		case r == '#' && namesNumber(clause[i+1:]):
			spaced.WriteString(" number ")
		case unicode.IsLetter(r), unicode.IsDigit(r):
			spaced.WriteRune(r)
		case strings.ContainsRune("%@&/", r), unicode.In(r, unicode.Sc, unicode.Sm):
			spaced.WriteByte(' ')
			spaced.WriteRune(r)
			spaced.WriteByte(' ')
		default:
			spaced.WriteByte(' ')
		}
	}
	var words strings.Builder
	words.Grow(spaced.Len())
	for word := range strings.FieldsSeq(spaced.String()) {
		if words.Len() > 0 {
			words.WriteByte(' ')
		}
		words.WriteString(spell(word))
	}
	return words.String()
}

// namesNumber reports whether a # stands for the word number, as in "remove my
// #": neither a figure nor a hashtag comes after it.
func namesNumber(after string) bool {
	if after != "" && after[0] != ' ' {
		return false
	}
	after = strings.TrimLeft(after, " ")
	return after == "" || after[0] < '0' || after[0] > '9'
}
