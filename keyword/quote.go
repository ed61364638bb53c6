package keyword

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// A quotation says what a text quotes, apart from what it says by itself.
type quotation int

const (
	notQuoted    quotation = iota
	quotesUs               // what was sent by us; it is taken out of the text
	copiesUs               // the whole text is a copy of what was sent by us
	reactionLike           // a quotation with a phone's verb or an emoji before it, but not of ours
)

const (
	openMarks  = "\"“”„‟«»‹›「『＂″‘‚'’`´"
	closeMarks = "\"”“‟»«›‹」』＂″’‘'`´"
)

// Quotes reports whether a text looks as if it quotes what was sent before: then
// Read needs State.Sent.
func Quotes(text string) bool {
	letter := false
	for i, r := range text {
		switch {
		case r == '>' && strings.TrimSpace(text[strings.LastIndexByte(text[:i], '\n')+1:i]) == "":
			return true
		case r != '\'' && r != '’' && r != '‘' && r != '`' && r != '´' && strings.ContainsRune(openMarks, r):
			return true
		case !letter && strings.ContainsRune("'‘‚’`´", r) && i+1 < len(text):
			return true // not an apostrophe: no letter is before it
		}
		letter = unicode.IsLetter(r) || unicode.IsDigit(r)
	}
	if first, _, more := strings.Cut(strings.TrimSpace(text), " "); more && unmarked[strings.ToLower(first)] || strings.Contains(text, "1. ") && strings.Contains(text, "2. ") {
		return true
	}
	// Without marks only a long text holds so much of ours that it shows.
	const short = 16
	return len(text) >= short && mayInstruct(text) && instructs.MatchString(text)
}

// mayInstruct is a quick look for the first words of what instructs finds.
func mayInstruct(text string) bool {
	letter := false
	for i := range len(text) {
		c := text[i] | 0x20
		before := letter
		letter = 'a' <= c && c <= 'z'
		if before || !letter {
			continue
		}
		for _, word := range instructing[c-'a'] {
			if len(text)-i >= len(word) && strings.EqualFold(text[i:i+len(word)], word) {
				return true
			}
		}
	}
	return false
}

var instructing = func() (by [26][]string) {
	for word := range strings.FieldsSeq("stop alto arre arrê baja unsub fw cancel quit end msg") {
		by[word[0]-'a'] = append(by[word[0]-'a'], word)
	}
	return by
}()

// Instructions that texts of shops and carriers hold: "Reply STOP to end texts".
// A shopper who wants silence does not put it so.
var (
	instructs   = regexp.MustCompile(`(?i)\b(?:stop|stopall|alto|arr[eê]t|baja|cancel|unsubscribe|quit|end)['"”’»]?\s+(?:to|2|for|para|pour)\b|\b(?:reply|text|txt|send|respond|envi[ea]|responda|responde|r[eé]pondez|textez)\s+(?:with\s+)?['"“‘«]?\s?(?:stop|alto|arr[eê]t|baja)|unsubscribed\.|fwd?:|msg ?& ?data`)
	instruction = regexp.MustCompile(`\b(?:(?:reply|text|txt|send|respond|type|envia|envie|responda|responde|repondez|textez|envoyez) (?:with |the word |con |la palabra |avec |par )*)?(?:stop|stopall|unsubscribe|alto|arret|baja|cancel|quit|end) (?:to|2|for|para|pour) (?:end|stop|quit|opt out|optout|cancel|unsubscribe|leave|terminar|cancelar|salir|dejar|parar|darse|arreter|annuler|desabonner|se desabonner|vous desabonner|mettre fin|no more)(?: (?:texts?|messages?|all|these|receiving|sms|promos|de recibir|mensajes|textos|les|de|los))*|\b(?:reply|text|txt|send|respond with|envia|envie|responda|repondez|textez) (?:stop|alto|arret|baja)\b`)
)

// Messages that carriers send by themselves: no conversation holds them.
// (Twilio's defaults; the toll-free network's.)
var carrierTexts = []string{
	"You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to resubscribe.",
	"You have successfully been re-subscribed to messages from this number. Reply HELP for help. Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
	"Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
	`NETWORK MSG: You replied with the word "stop" which blocks all texts sent from this number. Text back "unstop" to receive messages again.`,
	`NETWORK MSG: You have replied "unstop" and will begin receiving messages again from this number.`,
	"You are unsubscribed from this number. No more messages will be sent. Reply START to resubscribe.",
}

// withoutQuotation takes what a text quotes of ours out of it.
func withoutQuotation(text string, sent []string) (own string, is quotation) {
	ours := make([]string, 0, len(sent)+len(carrierTexts))
	for _, s := range append(sent[:len(sent):len(sent)], carrierTexts...) {
		if s = plainWords(s); s != "" {
			ours = append(ours, s)
		}
	}
	own, marked, found := cutLines(text, ours)
	own, m, f := cutMarked(own, ours)
	marked, found = marked || m, found || f
	if own, ok := afterVerb(text, ours); !found && ok {
		return own, quotesUs
	}
	if !found {
		if before := beforeMark(text); marked && (verbs[reactor(before)] != 0 || emoji(before) && reactor(before) == "") {
			return text, reactionLike
		}
		own, found = cutRuns(text, ours, linesOf(sent))
	}
	if !found {
		return text, notQuoted
	}
	if plainWords(own) == "" && !emoji(own) {
		return text, copiesUs
	}
	return own, quotesUs
}

// cutLines cuts what stands on lines that begin with >, as mail programs quote,
// and what follows the head of a forwarded message.
func cutLines(text string, ours []string) (own string, marked, found bool) {
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

// cutMarked cuts what stands in quotation marks and is ours. The closing mark may
// be missing, and there may be quotations within.
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

// closingMark is where the quotation that begins at from ends, if it is ours; else
// 0. The longest is looked for, but of mere instructions the shortest.
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
		if instruction.MatchString(plainWords(text[from:to])) {
			return to
		}
	}
	return 0
}

// isOurs reports whether what is quoted was sent by us, or is an instruction to
// opt out, which only our side gives.
func isOurs(quoted string, ours []string) bool {
	return isSent(quoted, ours) || instruction.MatchString(quoted)
}

// isSent reports whether what is quoted is one of our texts or its beginning or
// another part of it, which a phone may have cut anywhere.
func isSent(quoted string, ours []string) bool {
	if quoted == "" {
		return false
	}
	const enough = 12 // of characters, so that they can be of one text only
	for _, sent := range ours {
		switch {
		case quoted == sent:
			return true
		case len(quoted) >= enough && strings.HasPrefix(sent, quoted):
			return true
		case len(quoted) >= enough && strings.Count(quoted, " ") >= 2 && strings.Contains(" "+sent+" ", " "+quoted):
			return true
		case len(sent) >= enough && strings.HasSuffix(quoted, " "+sent):
			return true // a trial account puts words in front
		}
	}
	return false
}

// cutRuns cuts what was taken from ours without any marks: a whole text, many
// words of one, or an instruction to opt out that something else stands beside.
func cutRuns(text string, ours, lines []string) (own string, found bool) {
	words := plainWords(text)
	for _, sent := range ours {
		if n := strings.Count(sent, " ") + 1; n >= 4 && strings.Contains(" "+words+" ", " "+sent+" ") {
			words, found = strings.TrimSpace(strings.Replace(" "+words+" ", " "+sent+" ", " ", 1)), true
		}
	}
	if rest, n := cutSentLines(words, lines); n > 1 {
		words, found = rest, true
	}
	if match := instruction.FindStringIndex(words); match != nil {
		if rest := strings.TrimSpace(words[:match[0]] + words[match[1]:]); (match[0] > 0 || instructsFirst.MatchString(words)) && strings.Count(rest, " ") >= 2 {
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

var instructsFirst = regexp.MustCompile(`^(?:reply|send|respond)`)

// unmarked are the first words of reactions that some phones send without marks.
var unmarked = set(`liked loved laughed emphasized emphasised disliked questioned reacted removed`)

// afterVerb finds a text of ours that comes after a phone's verb and without
// marks: "liked Reply STOP to end texts". What is left of it is the verb.
func afterVerb(text string, ours []string) (verb string, found bool) {
	const longest = 5
	words := strings.Fields(plainWords(text))
	for n := 1; n <= longest && n < len(words); n++ {
		verb, rest := strings.Join(words[:n], " "), strings.Join(words[n:], " ")
		if unmarked[words[0]] && verbs[verb] != 0 && (isSent(rest, ours) || instruction.FindString(rest) == rest) {
			return verb, true
		}
	}
	return "", false
}

// linesOf are the lines of what was sent that are long enough to be known by.
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

// cutSentLines cuts whole lines of what was sent, as of a menu, and counts them.
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

// plainWords is what a text says without case, accents, signs and emoji.
func plainWords(text string) string {
	return strings.Join(strings.FieldsFunc(fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
}

// beforeMark is what comes before the first quotation mark.
func beforeMark(text string) string {
	if i := strings.IndexAny(text, `"“„‟«»‹›「『＂″‘‚'`); i >= 0 {
		return text[:i]
	}
	return text
}

func emoji(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.In(r, unicode.So) || r == '‼' || r == '⁉' })
}
