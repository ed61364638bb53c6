package keyword

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

const (
	openMarks  = "\"“”„‟«»‹›「『＂″‘‚'’`´"
	closeMarks = "\"”“‟»«›‹」』＂″’‘'`´"
)

// cutQuotedLines removes lines that begin with >, as mail programs quote, and what
// follows the head of a forwarded message, if they are ours.
func cutQuotedLines(text string, ours []string) (own string, marked, found bool) {
	if head := forwarded.FindStringIndex(text); head != nil {
		if isOurs(plainWords(text[head[1]:]), ours) {
			return text[:head[0]], true, true
		}
		return text, true, false
	}
	if !strings.Contains(text, ">") {
		return text, false, false
	}
	var kept, cited []string
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), ">"); ok {
			cited = append(cited, strings.TrimLeft(rest, "> "))
		} else {
			kept = append(kept, line)
		}
	}
	if isOurs(plainWords(strings.Join(cited, " ")), ours) {
		return strings.Join(kept, ""), true, true
	}
	return text, len(cited) > 0, false
}

var forwarded = regexp.MustCompile(`(?i)^\s*(?:fwd?|tr|rv|wg)\s?:|-{2,}\s*(?:forwarded|original) message\s*-{2,}`)

// cutMarked removes quotations of ours in quotation marks. The closing mark may be
// missing, and there may be quotations within.
func cutMarked(text string, ours []string) (own string, marked, found bool) {
	letter := false
	for i, r := range text {
		before := letter
		letter = unicode.IsLetter(r) || unicode.IsDigit(r)
		if !strings.ContainsRune(openMarks, r) || before && strings.ContainsRune("\"”’‘'`´", r) {
			continue
		}
		marked = true
		from := i + len(string(r))
		if to := closingMark(text, from, ours); to > 0 {
			rest, _, _ := cutMarked(strings.TrimLeft(text[to:], closeMarks), ours)
			return text[:i] + " " + rest, true, true
		}
	}
	return text, marked, false
}

// closingMark returns where the quotation that begins at from ends, or 0 if it is not
// ours. It looks for the longest quotation of a text, or else for the shortest
// opt-out instruction.
func closingMark(text string, from int, ours []string) int {
	ends := []int{len(text)}
	for to := len(text); ; {
		if to = strings.LastIndexAny(text[from:to], closeMarks); to < 0 {
			break
		}
		to += from
		ends = append(ends, to)
	}
	for i, to := range ends {
		quoted := plainWords(text[from:to])
		if !isSent(quoted, ours) {
			continue
		}
		for _, shorter := range ends[i+1:] {
			if plainWords(text[from:shorter]) == quoted {
				to = shorter // an emoji behind the mark is not in the quotation
			}
		}
		return to
	}
	for _, to := range slices.Backward(ends) {
		if optOutInstruction.MatchString(plainWords(text[from:to])) {
			return to
		}
	}
	return 0
}

// beforeMark returns what stands before the first quotation mark.
func beforeMark(text string) string {
	if i := strings.IndexAny(text, `"“„‟«»‹›「『＂″‘‚'`); i >= 0 {
		return text[:i]
	}
	return text
}
