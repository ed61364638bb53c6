package keyword

import (
	"regexp"
	"strings"
)

// cutUnmarked removes what is copied from our texts without quotation marks: a whole
// text, several lines of one, or an opt-out instruction with other words beside it.
func cutUnmarked(text string, ours, lines []string) (own string, found bool) {
	words := plainWords(text)
	for _, sent := range ours {
		if n := strings.Count(sent, " ") + 1; n >= 4 && strings.Contains(" "+words+" ", " "+sent+" ") {
			words, found = strings.TrimSpace(strings.Replace(" "+words+" ", " "+sent+" ", " ", 1)), true
		}
	}
	if rest, n := cutSentLines(words, lines); n > 1 {
		words, found = rest, true
	}
	if match := optOutInstruction.FindStringIndex(words); match != nil {
		if rest := strings.TrimSpace(words[:match[0]] + words[match[1]:]); (match[0] > 0 || startsWithReply.MatchString(words)) && strings.Count(rest, " ") >= 2 {
			words, found = rest, true
		}
	}
	if !found {
		return text, false
	}
	if strings.Contains(text, "?") {
		words += "?"
	}
	return words, true
}

var startsWithReply = regexp.MustCompile(`^(?:reply|send|respond)`)

// unmarkedVerbs are the first words of reactions that some phones send without
// quotation marks.
var unmarkedVerbs = set(`liked loved laughed emphasized emphasised disliked questioned reacted removed`)

// cutAfterVerb removes a text of ours without quotation marks after the verb of a
// reaction, as in "liked Reply STOP to end texts", and returns the verb.
func cutAfterVerb(text string, ours []string) (verb string, found bool) {
	const longest = 5
	words := strings.Fields(plainWords(text))
	for n := 1; n <= longest && n < len(words); n++ {
		verb, rest := strings.Join(words[:n], " "), strings.Join(words[n:], " ")
		if unmarkedVerbs[words[0]] && reactionVerbs[verb] != 0 && (isSent(rest, ours) || optOutInstruction.FindString(rest) == rest) {
			return verb, true
		}
	}
	return "", false
}

// linesOf returns the lines of our texts that have several words.
func linesOf(sent []string) (lines []string) {
	for _, s := range sent {
		for line := range strings.Lines(s) {
			if line = plainWords(line); strings.Contains(line, " ") {
				lines = append(lines, line)
			}
		}
	}
	return lines
}

// cutSentLines removes whole lines of our texts, such as a menu's, and counts them.
func cutSentLines(words string, lines []string) (rest string, n int) {
	rest = " " + words + " "
	for _, line := range lines {
		if strings.Contains(rest, " "+line+" ") {
			rest = strings.Replace(rest, " "+line+" ", " ", 1)
			n++
		}
	}
	return strings.TrimSpace(rest), n
}
