package chat

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// PersonName returns a name from a list or a form without surplus spaces, or ""
// when it is a placeholder ("null", "N/A"), an order number ("#1001") or an e-mail
// address, or has no letter.
func PersonName(raw string) string {
	name := strings.Join(strings.Fields(raw), " ")
	if strings.HasPrefix(name, "#") || strings.Contains(name, "@") || !strings.ContainsFunc(name, unicode.IsLetter) {
		return ""
	}
	if slices.Contains(emptyNames, alnumLower(name)) {
		return ""
	}
	for _, word := range strings.Fields(name) {
		if !slices.Contains(emptyNames, alnumLower(word)) {
			return name
		}
	}
	return "" // "null null"
}

// emptyNames are placeholders that programs and people write for a missing name.
var emptyNames = []string{
	"null", "nil", "none", "na", "nan", "undefined", "void", "noname", "nofirstname", "nolastname", "notprovided", "notgiven", "notavailable",
	"notapplicable", "empty", "blank", "xxx", "xx", "x", "anonymous", "redacted", "deleted", "unknown", "tbd", "firstname", "lastname",
	"fullname", "name", "missing", "valuename", "false", "true",
}

// alnumLower returns text's letters and digits in lower case.
func alnumLower(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}

// FirstName returns the name to greet a person by, or "" when that is not certain.
// "Jane Doe", "Doe, Jane", "Dr. JANE DOE" and "🌸 jane" give "Jane"; a company, a
// couple, an initial, a placeholder or an address gives "".
func FirstName(name string) string {
	name = PersonName(name)
	if strings.ContainsAny(name, "#@/\\<>{}[]()_=|+*&:;\"%$!?0123456789") || strings.ContainsFunc(name, isControlOrBidi) {
		return ""
	}
	if parts := strings.Split(name, ","); len(parts) > 1 {
		switch words := strings.Fields(parts[1]); {
		case len(words) == 0:
			return "" // "Doe,": only a family name
		case slices.Contains(nameSuffixes, alnumLower(words[0])):
			name = parts[0]
		case isStateCode(parts[1]) || areGivenNames(parts[0], parts[1]):
			return "" // "New York, NY"; "Jane, Bob"
		default:
			name = parts[1]
		}
		if slices.ContainsFunc(parts, hasCompanyWord) {
			return ""
		}
	}
	if hasCompanyWord(name) {
		return ""
	}
	words := strings.Fields(name)
	titled := false
	for len(words) > 0 {
		word := alnumLower(words[0])
		if titles[word] {
			titled = true
		} else if word != "" { // "" is a symbol, such as an emoji
			break
		}
		words = words[1:]
	}
	if titled && len(words) < 2 {
		return "" // "Mrs. Doe": only a family name
	}
	if len(words) == 0 {
		return ""
	}
	if len(words) > 1 && slices.ContainsFunc(words[1:], func(word string) bool { return slices.Contains(deviceWords, alnumLower(word)) }) {
		return "" // "Jane's iPhone", "Work Mobile"
	}
	if len(words) == 1 && !strings.Contains(words[0], "-") && isJoinedName(alnumLower(words[0])) {
		return ""
	}
	return tidyGivenName(words[0])
}

// isStateCode reports whether the part after a comma is the code of a US state.
func isStateCode(part string) bool {
	part = strings.TrimSpace(part)
	return len(part) == 2 && strings.ToUpper(part) == part || strings.HasSuffix(part, ".") && strings.Count(part, ".") > 1
}

// areGivenNames reports whether both parts are common given names, so that it is
// not certain which one is the family name.
func areGivenNames(a, b string) bool {
	return slices.Contains(commonNames, strings.ToLower(strings.TrimSpace(a))) && slices.Contains(commonNames, strings.ToLower(strings.TrimSpace(b)))
}

// isJoinedName reports whether a word begins with a common given name and goes on:
// "janedoe".
func isJoinedName(word string) bool {
	return !slices.Contains(commonNames, word) && slices.ContainsFunc(commonNames, func(name string) bool {
		rest, ok := strings.CutPrefix(word, name)
		return ok && len(name) >= 4 && len(rest) >= 3
	})
}

// maxGivenName limits, in bytes, how much of a text a greeting may take.
const maxGivenName = 24

// tidyGivenName returns a word with the usual capitals and without symbols around
// it, or "" if it is unlikely to be a given name.
func tidyGivenName(word string) string {
	word = strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) })
	letters, lower, vowels := 0, 0, 0
	for _, r := range word {
		switch {
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
			return "" // the family name comes first
		case unicode.IsLetter(r):
			letters++
			if !unicode.IsUpper(r) {
				lower++
			}
			if strings.ContainsRune("aeiouyáéíóúàèìòùäëïöüâêîôûåæøãõ", unicode.ToLower(r)) || r > 0x24f {
				vowels++
			}
		case unicode.IsMark(r), r == '\'', r == '’', r == '-', r == 0x200c, r == 0x200d:
		default:
			return ""
		}
	}
	lowered := strings.ToLower(word)
	switch {
	case letters < 2 || vowels == 0 || len(word) > maxGivenName:
		return ""
	case strings.HasSuffix(lowered, "'s") || strings.HasSuffix(lowered, "’s"): // possessive: "Jane's"
		return ""
	case slices.Contains(particles, word) || slices.Contains(notGivenNames, lowered) || slices.Contains(emptyNames, lowered):
		return ""
	case lower == 0 || lower == letters: // JANE, jane
		return capitalized(lowered)
	}
	return word
}

// capitalized makes the first letter of each part of a name a capital.
func capitalized(name string) string {
	var b strings.Builder
	start := true
	for _, r := range name {
		if start {
			r = unicode.ToTitle(r)
		}
		start = r == '-' || r == '\'' || r == '’'
		b.WriteRune(r)
	}
	return b.String()
}

// hasCompanyWord reports whether a name has a word of companies and places.
func hasCompanyWord(name string) bool {
	return slices.ContainsFunc(strings.Fields(name), func(word string) bool {
		return slices.Contains(companyWords, alnumLower(word))
	})
}

// isControlOrBidi reports whether r is no character to show: invalid UTF-8, a
// control character, or one that changes the direction of writing.
func isControlOrBidi(r rune) bool {
	return r == utf8.RuneError || unicode.IsControl(r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

var titles = map[string]bool{
	"mr": true, "mrs": true, "ms": true, "miss": true, "mx": true, "dr": true, "prof": true, "professor": true, "sir": true, "madam": true, "rev": true, "fr": true,
	"herr": true, "frau": true, "hr": true, "sr": true, "sra": true, "srta": true, "señor": true, "señora": true, "don": true, "doña": true,
	"m": true, "mme": true, "mlle": true, "monsieur": true, "madame": true, "sig": true, "signor": true, "signora": true, "ing": true, "mag": true, "dipling": true,
}

var nameSuffixes = []string{"jr", "junior", "sr", "senior", "ii", "iii", "iv", "v", "md", "do", "phd", "dds", "dmd", "dvm", "esq", "esquire", "mba", "ma", "msc", "bsc", "ba", "rn", "np", "cpa", "pe", "jd", "pharmd"}

// particles begin a family name.
var particles = []string{"de", "del", "della", "der", "den", "di", "da", "dos", "das", "du", "la", "le", "van", "von", "vom", "zu", "ter", "ten", "el", "al", "bin", "ibn", "abu", "san"}

var companyWords = []string{
	"inc", "incorporated", "llc", "llp", "ltd", "limited", "corp", "corporation", "company", "co", "plc", "pty", "gmbh", "ag", "kg", "ug", "ohg", "gbr",
	"eu", "srl", "spa", "sarl", "sas", "sl", "slu", "sadecv", "cv", "bv", "nv", "oy", "ab", "aps", "sro", "kft", "pvt", "lda", "ltda",
	"cafe", "café", "coffee", "restaurant", "bakery", "hotel", "bar", "grill", "shop", "store", "boutique", "salon", "spa", "studio", "studios", "market", "farm", "farms",
	"services", "service", "solutions", "systems", "group", "holdings", "partners", "associates", "enterprises", "industries", "international", "logistics", "consulting",
	"trading", "supply", "media", "design", "designs", "school", "university", "college", "church", "clinic", "hospital", "department", "dept", "office", "team", "club",
	"foundation", "association", "trust", "estate", "family", "warehouse", "accounts", "payable", "and", "und", "y", "et",
}
