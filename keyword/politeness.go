package keyword

import "strings"

var (
	polite = within(
		`thank you(?: (?:so|very) much)?`, `thanks(?: (?:so much|a lot))?`, `ty`, `tysm`, `gracias`,
		`(?:hi|hello|hey)(?: there| guys| team| yall| again)?`, `hola`, `good (?:morning|afternoon|evening|day)`, `greetings`,
		`please`, `por favor`, `kindly`, `ok`, `okay`, `um`, `uh`, `well`, `oh`, `just`, `lol`, `sir`, `maam`,
		`right now`, `now`, `asap`, `immediately`, `if (?:possible|you can|you could|you dont mind)`, `have a (?:nice|good|great) (?:day|one)`,
	)
	greeting = within(`hi`, `hello`, `hey`, `hola`, `good (?:morning|afternoon|evening|day)`, `greetings`)
	thanks   = within(`thank you`, `thanks`, `ty`, `tysm`, `gracias`, `ok`, `okay`)
	content  = full(`(?:(?:k|kk|great|cool|awesome|perfect|nice|good|lovely|amazing|wonderful|excellent|yay|wow|haha|you too|got it|gotcha|sounds (?:good|great)|will do|all good|looks good|love (?:it|this)|noted|understood|received|np|no (?:problem|worries)|(?:much|i) appreciated?(?: it)?|appreciate it|youre welcome|you are (?:awesome|the best)|youre (?:awesome|the best))(?: |$))+`)
)

// bare is what is left without politeness.
func bare(words string) string {
	left := polite.ReplaceAllString(words, " ")
	if left == words {
		return words
	}
	return strings.Join(strings.Fields(left), " ")
}

func (u utterance) isGreeting() bool { return u.core == "" && greeting.MatchString(u.words) }

func (u utterance) isThanks() bool {
	return u.core == "" && thanks.MatchString(u.words) || content.MatchString(u.core)
}
