package chat

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SameName reports whether two names can be one person's: all words of the
// shorter one are in the longer one, whatever their order, where an initial
// stands for a word; and at least one whole word is in both.
func SameName(a, b string) bool {
	whole, _, alike := matchNames(nameWords(a), nameWords(b))
	return alike && whole > 0
}

// samePersonName reports whether two names of one phone are one person's. It asks
// for more than SameName: a single word must be the first of the other name (the
// members of a family share the last one), and a name that is shorter or has
// initials must come without an e-mail address, which could be of another person
// who is called alike.
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

// sameFullName reports whether two names are the same and each has a given name
// and a family name.
func sameFullName(a, b string) bool {
	one, two := nameWords(a), nameWords(b)
	whole, initials, alike := matchNames(one, two)
	if !alike || initials > 0 || len(one) != len(two) || isCouple(a) != isCouple(b) || !sameGeneration(a, b) {
		return false
	}
	return whole > 1 || whole == 1 && len(one) == 1 && isUnspacedScript(a) && utf8.RuneCountInString(one[0].short) > 1
}

// fuller reports whether name a says more than name b: it has more whole words,
// or else more letters.
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

// matchNames reports whether all words of the shorter name are in the longer one,
// how many of them as whole words and how many by an initial.
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

// A nameWord is a word of a name in lower case without accents. Long has the
// letters that some languages write instead: "jurgen" and "juergen".
type nameWord struct{ short, long string }

func (w nameWord) isInitial() bool { return utf8.RuneCountInString(w.short) == 1 }

func (w nameWord) equals(other nameWord) bool {
	return w.short == other.short || w.long == other.long || w.short == other.long || w.long == other.short
}

// nameWords splits a name into its words, given names first, without titles. A
// name in a script that has no spaces between words is one word.
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

// unspaced reports whether a name is in a script that has no spaces between words.
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

// couple reports whether a name is of several people.
func isCouple(name string) bool {
	return strings.ContainsAny(name, "&+/") || slices.ContainsFunc(strings.Fields(strings.ToLower(name)), func(word string) bool {
		return slices.Contains([]string{"and", "und", "y", "et", "e", "og", "och", "en", "i"}, word)
	})
}

// generations tell a parent from a child of the same name.
var generations = []string{"jr", "junior", "sr", "senior", "ii", "iii", "iv"}

// sameGeneration reports whether no name says another generation than the other.
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

// withoutAccent returns the plain letters for a small letter of a Latin script, and
// those that stand for it where accents can't be written.
func withoutAccent(r rune) (plain, other string) {
	switch {
	case r == '\u0308': // two dots over the letter before it
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

// accents are letters with accents, by the plain one.
var accents = map[rune]string{
	'a': "áàâãāăąạảấầẩẫậắằẳẵặ", 'c': "çćčĉċ", 'd': "ďđð", 'e': "éèêëēĕėęěẹẻẽếềểễệ", 'g': "ğĝġģ", 'h': "ĥħ", 'i': "íìîïĩīįıịỉ", 'j': "ĵ", 'k': "ķ", 'l': "łĺľļ",
	'n': "ñńňņ", 'o': "óòôõōőọỏốồổỗộơớờởỡợ", 'r': "řŕŗ", 's': "śšşșŝ", 't': "ťţțŧ", 'u': "úùûũūŭůűųụủưứừửữự", 'w': "ŵẁẃẅ", 'y': "ýÿŷỳỵỷỹ", 'z': "źżž",
}
