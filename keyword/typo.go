package keyword

import "strings"

// nearStop matches words that are one typing error away from STOP. A text that is
// only such a word may mean it.
const nearStop = `(?:shop|step|top|atop|stoop|stops|stow|slop|strop|sop|stob|stopped|stopping|stock)`

// wordsLikeStop are words one typing error away from STOP that have a meaning of
// their own.
var wordsLikeStop = set(`shop step top atop stoop stops stow slop strop sop stob stock stomp sto2p story store`)

// isMisspelledStop reports whether a word is STOP with one letter wrong, added,
// missing or swapped, and no word of its own.
func isMisspelledStop(word string) bool {
	const stop = "stop"
	if len(word) < 3 || len(word) > 5 || wordsLikeStop[word] {
		return false
	}
	switch len(word) {
	case 5: // a letter added
		for i := range word {
			if word[:i]+word[i+1:] == stop {
				return true
			}
		}
	case 4: // a letter wrong, or two swapped
		wrong := 0
		for i := range word {
			if word[i] != stop[i] {
				wrong++
			}
		}
		return wrong == 1 || word == "tsop" || word == "sotp" || word == "stpo"
	case 3: // a letter missing
		for i := range stop {
			if stop[:i]+stop[i+1:] == word {
				return true
			}
		}
	}
	return false
}

// longOptOutWords are opt-out words so long that no other word is one typing error
// away.
var longOptOutWords = strings.Fields(`unsubscribe unsubscribeme optout optmeout stoptexting desuscribir desuscribirme desabonner`)

// isMisspelledOptOut reports whether a text of at most three words is a long opt-out
// word with one letter wrong, missing, added or swapped.
func isMisspelledOptOut(core string) bool {
	if strings.Count(core, " ") > 2 {
		return false
	}
	joined := strings.ReplaceAll(core, " ", "")
	const shortest = len("optout") - 1
	if len(joined) < shortest {
		return false
	}
	for _, word := range longOptOutWords {
		if joined != word && oneTypoApart(joined, word) {
			return true
		}
	}
	return false
}

// oneTypoApart reports whether a letter of one string is wrong, missing or swapped
// with its neighbour in the other.
func oneTypoApart(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	return i == len(a) || a[i+1:] == b[i+1:] || i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}
