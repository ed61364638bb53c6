package keyword

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold removes case, accents, apostrophes and invisible characters.
func fold(text string) string {
	text = strings.ReplaceAll(text, "´", "'") // else it becomes a space and an accent
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\'', r == '`':
			return -1
		case r < utf8.RuneSelf:
			return unicode.ToLower(r)
		}
		// Up and then down, so that letters with the same capital become the same.
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

// endsClause reports whether a clause ends at r.
func endsClause(r rune) bool {
	switch r {
	case '.', ',', ';', '!', '?', '\n', '\r', '—', '–', '¡', '¿':
		return true
	}
	return false
}

// wordsOf returns the corrected words of a clause. Signs that may change the meaning
// of a number or a word ($2, 2%, <3, a@b) are words of their own; others are removed.
func wordsOf(clause string) string {
	var spaced strings.Builder
	spaced.Grow(len(clause))
	for i, r := range clause {
		switch {
		case r == '#' && meansNumber(clause[i+1:]):
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
		words.WriteString(correct(word))
	}
	return words.String()
}

// meansNumber reports whether a # stands for the word number, as in "remove my #":
// neither a digit nor a hashtag follows it.
func meansNumber(after string) bool {
	if after != "" && after[0] != ' ' {
		return false
	}
	after = strings.TrimLeft(after, " ")
	return after == "" || after[0] < '0' || after[0] > '9'
}

// set returns the words of a string as a set.
func set(words string) map[string]bool {
	all := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		all[word] = true
	}
	return all
}
