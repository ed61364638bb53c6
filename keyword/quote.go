package keyword

import (
	"strings"
	"unicode"
)

// A quotation says what a text quotes.
type quotation int

const (
	notQuoted    quotation = iota
	quotesUs               // a text of ours, and something of its own
	copiesUs               // the whole text is a copy of ours
	reactionLike           // something else, after an emoji or a verb as in reactions
)

// Quotes reports whether a text may quote an earlier one, so that Read needs
// State.Sent.
func Quotes(text string) bool {
	letter := false
	for i, r := range text {
		switch {
		case r == '>' && strings.TrimSpace(text[strings.LastIndexByte(text[:i], '\n')+1:i]) == "":
			return true
		case r != '\'' && r != '’' && r != '‘' && r != '`' && r != '´' && strings.ContainsRune(openMarks, r):
			return true
		case !letter && strings.ContainsRune("'‘‚’`´", r) && i+1 < len(text):
			return true // not an apostrophe, which follows a letter
		}
		letter = unicode.IsLetter(r) || unicode.IsDigit(r)
	}
	if first, _, more := strings.Cut(strings.TrimSpace(text), " "); more && unmarkedVerbs[strings.ToLower(first)] || strings.Contains(text, "1. ") && strings.Contains(text, "2. ") {
		return true
	}
	// Without quotation marks only a long text can be recognised as a quotation.
	const short = 16
	return len(text) >= short && mayHaveInstruction(text) && instructionLike.MatchString(text)
}

// mayHaveInstruction is a quick check for the words that instructionLike begins with.
func mayHaveInstruction(text string) bool {
	letter := false
	for i := range len(text) {
		c := text[i] | 0x20
		before := letter
		letter = 'a' <= c && c <= 'z'
		if before || !letter {
			continue
		}
		for _, word := range instructionStarts[c-'a'] {
			if len(text)-i >= len(word) && strings.EqualFold(text[i:i+len(word)], word) {
				return true
			}
		}
	}
	return false
}

var instructionStarts = func() (by [26][]string) {
	for word := range strings.FieldsSeq("stop alto arre arrê baja unsub fw cancel quit end msg") {
		by[word[0]-'a'] = append(by[word[0]-'a'], word)
	}
	return by
}()

// cutQuotation returns a text without what it quotes of our texts.
func cutQuotation(text string, sent []string) (own string, kind quotation) {
	ours := make([]string, 0, len(sent)+len(carrierTexts))
	for _, s := range append(sent[:len(sent):len(sent)], carrierTexts...) {
		if s = plainWords(s); s != "" {
			ours = append(ours, s)
		}
	}
	own, marked, found := cutQuotedLines(text, ours)
	own, m, f := cutMarked(own, ours)
	marked, found = marked || m, found || f
	if own, ok := cutAfterVerb(text, ours); !found && ok {
		return own, quotesUs
	}
	if !found {
		if before := beforeMark(text); marked && (reactionVerbs[reactionVerb(before)] != 0 || hasEmoji(before) && reactionVerb(before) == "") {
			return text, reactionLike
		}
		own, found = cutUnmarked(text, ours, linesOf(sent))
	}
	if !found {
		return text, notQuoted
	}
	if plainWords(own) == "" && !hasEmoji(own) {
		return text, copiesUs
	}
	return own, quotesUs
}

// plainWords returns the words of a text without case, accents, signs and emoji.
func plainWords(text string) string {
	return strings.Join(strings.FieldsFunc(fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
}

func hasEmoji(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.In(r, unicode.So) || r == '‼' || r == '⁉' })
}
