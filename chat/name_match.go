package chat

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SameName reports whether two names can belong to one person: every word of the
// shorter name is in the longer one, in any order. An initial matches a word,
// but at least one whole word must be in both names.
func SameName(a, b string) bool {
	whole, _, alike := matchNames(nameWords(a), nameWords(b))
	return alike && whole > 0
}

// samePersonName reports whether two names given for one phone belong to one
// person. It is stricter than SameName: a single word must be the other's first
// name, because family members share the last one; and the less complete name
// must not have an e-mail address of its own, because that could belong to
// another person with a similar name.
func samePersonName(a, b Shopper) bool {
	one, two := nameWords(a.Name), nameWords(b.Name)
	whole, initials, alike := matchNames(one, two)
	if !alike || whole == 0 || isCouple(a.Name) != isCouple(b.Name) || !sameGeneration(a.Name, b.Name) {
		return false
	}
	if initials == 0 && len(one) == len(two) {
		return true
	}
	if initials == 0 && whole > 1 { // "Jane Doe" and "Jane Mary Doe"
		return true
	}
	if moreComplete(a.Name, b.Name) {
		a, b, one, two = b, a, two, one
	}
	if a.Email != "" && !strings.EqualFold(a.Email, b.Email) {
		return false
	}
	return len(one) > 1 || one[0].equals(two[0])
}

// sameFullName reports whether two names are equal and each has both a given name
// and a family name.
func sameFullName(a, b string) bool {
	one, two := nameWords(a), nameWords(b)
	whole, initials, alike := matchNames(one, two)
	if !alike || initials > 0 || len(one) != len(two) || isCouple(a) != isCouple(b) || !sameGeneration(a, b) {
		return false
	}
	return whole > 1 || whole == 1 && len(one) == 1 && isUnspacedScript(a) && utf8.RuneCountInString(one[0].short) > 1
}

// moreComplete reports whether name a has more whole words than name b, or as many
// and more letters.
func moreComplete(a, b string) bool {
	size := func(name string) (words, letters int) {
		for _, word := range nameWords(name) {
			letters += utf8.RuneCountInString(word.short)
			if !word.isInitial() {
				words++
			}
		}
		return words, letters
	}
	words, letters := size(a)
	otherWords, otherLetters := size(b)
	return words > otherWords || words == otherWords && letters > otherLetters
}

// matchNames reports whether every word of the shorter name is in the longer one,
// and how many of them match as whole words and how many through an initial.
func matchNames(short, long []nameWord) (whole, initials int, alike bool) {
	if len(short) > len(long) {
		short, long = long, short
	}
	long = slices.Clone(long)
	var left []nameWord
	for _, word := range short {
		if i := slices.IndexFunc(long, word.equals); i < 0 {
			left = append(left, word)
		} else {
			if !word.isInitial() {
				whole++
			}
			long = slices.Delete(long, i, i+1)
		}
	}
	for _, word := range left {
		i := slices.IndexFunc(long, func(other nameWord) bool {
			return word.isInitial() && strings.HasPrefix(other.short, word.short) || other.isInitial() && strings.HasPrefix(word.short, other.short)
		})
		if i < 0 {
			return whole, initials, false
		}
		initials++
		long = slices.Delete(long, i, i+1)
	}
	return whole, initials, true
}

// A nameWord is a word of a name in lower case without accents. short drops the
// accent ("jurgen"); long has the letters that some languages write instead
// ("juergen").
type nameWord struct{ short, long string }

func (w nameWord) isInitial() bool { return utf8.RuneCountInString(w.short) == 1 }

func (w nameWord) equals(other nameWord) bool {
	return w.short == other.short || w.long == other.long || w.short == other.long || w.long == other.short
}

// nameWords splits a name into its words without titles, given names first ("Doe,
// Jane" becomes "jane", "doe"). A name in a script without spaces is one word.
func nameWords(name string) (words []nameWord) {
	if isUnspacedScript(name) {
		name = alnumLower(name)
	}
	if last, first, ok := strings.Cut(name, ","); ok {
		if end := strings.Fields(first); len(end) > 0 && !slices.Contains(nameSuffixes, alnumLower(end[0])) {
			name = first + " " + last
		}
	}
	split := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '\'' && r != '’' }
	for _, word := range strings.FieldsFunc(name, split) {
		var short, long strings.Builder
		for _, r := range strings.ToLower(word) {
			plain, other := withoutAccent(r)
			short.WriteString(plain)
			long.WriteString(other)
		}
		w := nameWord{short.String(), long.String()}
		if w.short != "" && !titles[w.short] && !slices.Contains(generations, w.short) {
			words = append(words, w)
		}
	}
	return words
}

// isUnspacedScript reports whether all letters of a name are of scripts that write
// no spaces between words.
func isUnspacedScript(name string) bool {
	found := false
	for _, r := range name {
		if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) {
			found = true
		} else if unicode.IsLetter(r) && r != 'ー' {
			return false
		}
	}
	return found
}

// isCouple reports whether a name names several people: "Jane & Bob Doe".
func isCouple(name string) bool {
	return strings.ContainsAny(name, "&+/") || slices.ContainsFunc(strings.Fields(strings.ToLower(name)), func(word string) bool {
		return slices.Contains([]string{"and", "und", "y", "et", "e", "og", "och", "en", "i"}, word)
	})
}

// generations are suffixes that tell a parent from a child of the same name.
var generations = []string{"jr", "junior", "sr", "senior", "ii", "iii", "iv"}

// sameGeneration reports whether two names have the same generation suffix, or one
// has none.
func sameGeneration(a, b string) bool {
	one, two := generation(a), generation(b)
	return one == "" || two == "" || one == two
}

func generation(name string) string {
	for i, word := range strings.Fields(name) {
		word = alnumLower(word)
		switch {
		case i == 0 || !slices.Contains(generations, word):
		case word == "junior":
			return "jr"
		case word == "senior":
			return "sr"
		default:
			return word
		}
	}
	return ""
}

// withoutAccent returns the plain letters for a lower-case Latin letter, and those
// that replace it where accents can't be written: "u" and "ue" for "ü".
func withoutAccent(r rune) (plain, other string) {
	switch {
	case r == '\u0308': // combining diaeresis, after its letter
		return "", "e"
	case unicode.IsMark(r), !unicode.IsLetter(r) && !unicode.IsDigit(r):
		return "", ""
	}
	switch r {
	case 'ä', 'æ':
		plain, other = "a", "ae"
	case 'ö', 'ø', 'œ':
		plain, other = "o", "oe"
	case 'ü':
		plain, other = "u", "ue"
	case 'å':
		plain, other = "a", "aa"
	case 'ß':
		plain = "ss"
	case 'þ':
		plain = "th"
	}
	if plain == "" {
		plain = string(r)
		for letter, accented := range accents {
			if strings.ContainsRune(accented, r) {
				plain = string(letter)
			}
		}
	}
	if other == "" {
		other = plain
	}
	return plain, other
}

// accents lists the accented forms of each plain letter.
var accents = map[rune]string{
	'a': "áàâãāăąạảấầẩẫậắằẳẵặ", 'c': "çćčĉċ", 'd': "ďđð", 'e': "éèêëēĕėęěẹẻẽếềểễệ", 'g': "ğĝġģ", 'h': "ĥħ", 'i': "íìîïĩīįıịỉ", 'j': "ĵ", 'k': "ķ", 'l': "łĺľļ",
	'n': "ñńňņ", 'o': "óòôõōőọỏốồổỗộơớờởỡợ", 'r': "řŕŗ", 's': "śšşșŝ", 't': "ťţțŧ", 'u': "úùûũūŭůűųụủưứừửữự", 'w': "ŵẁẃẅ", 'y': "ýÿŷỳỵỷỹ", 'z': "źżž",
}
