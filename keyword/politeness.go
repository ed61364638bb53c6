package keyword

import "strings"

var (
	polite = expr.Anywhere(
		`thank you(?: (?:so|very) much| kindly| all| again| for (?:everything|the (?:help|update|info|reminder|reply|quick (?:reply|response))|your help|letting me know))?`, `(?:many )?thanks(?: (?:so much|a lot|a bunch|a million|a ton|again|in advance|all|for (?:everything|the (?:help|update|info|reminder|reply|quick (?:reply|response)|heads up)|your help|letting me know)))?`, `tnx`, `tyvm`, `ty`, `tysm`, `(?:muchas |mil )?gracias`, `merci(?: beaucoup| bien)?`,
		`(?:hi|hello|hey)(?: there| guys| team| yall| again)?`, `hola`, `good (?:morning|afternoon|evening|day)`, `greetings`,
		`bonjour`, `bonsoir`, `salut`, `allo`, `buen(?:os|as) (?:dias|tardes|noches)`, `buenas`,
		`please`, `por favor`, `favor`, `porfa`, `svp`, `sil (?:vous|te) plait`, `kindly`, `ok`, `okay`, `um`, `uh`, `well`, `oh`, `just`, `lol`, `sir`, `maam`,
		`right now`, `right away`, `now`, `asap`, `immediately`, `if (?:possible|you can|you could|you dont mind)`, `have a (?:nice|good|great) (?:day|one)`,
		`bonne (?:journee|soiree)`, `que tenga (?:un )?buen dia`,
	)
	greeting = expr.Anywhere(`hi`, `hello`, `hey`, `hola`, `good (?:morning|afternoon|evening|day)`, `greetings`, `bonjour`, `bonsoir`, `salut`, `allo`, `buen(?:os|as) (?:dias|tardes|noches)`, `buenas`)
	thanks   = expr.Anywhere(`thank you`, `thanks`, `ty`, `tysm`, `tyvm`, `tnx`, `gracias`, `merci`, `ok`, `okay`, `bonne (?:journee|soiree)`, `have a`)
	// insistent matches polite words that ask for something.
	insistent     = expr.Anywhere(`please`, `por favor`, `porfa`, `svp`, `sil (?:vous|te) plait`, `kindly`, `asap`, `right (?:now|away)`, `now`, `immediately`, `if (?:possible|you can|you could|you dont mind)`)
	needsNoAnswer = expr.Exact(`(?:(?:k|kk|great|cool|awesome|perfect|nice|good|lovely|amazing|wonderful|excellent|yay|wow|haha|hahaha|you too|same to you|got it|gotcha|sounds (?:good|great)|will do|all good|all set|looks good|love (?:it|this|you guys)|noted|understood|received|np|no (?:problem|worries|prob)|no (?:need to reply|reply needed|response needed)|nntr|(?:much|i|really|so) appreciated?(?: it)?|appreciate (?:it|that|you)|youre welcome|you are (?:awesome|the best)|youre (?:awesome|the best|amazing)|cheers|(?:thats|that is|thatll be|that will be) (?:all|it)|no thats all|nothing else|ttyl|talk (?:to you )?soon|see you(?: soon| later)?|good night|goodnight|merry (?:christmas|xmas)|happy (?:holidays|thanksgiving|new year|easter|friday)|god bless(?: you)?|bless you|you rock|you(?:re| are) (?:the )?(?:best|amazing|awesome|great)|are the best|your the best|oops|my bad|sorry|no sorry|woohoo|yum|yummy|so good|best coffee ever|okie|okey dokey|okk|roger(?: that)?|copy that|deal|it (?:came|arrived|works|worked)|got (?:my|the) (?:package|order|box|delivery)|fixed|danke(?: schon)?|obrigad[oa]|grazie|sent from my (?:iphone|galaxy|phone|android)|de acuerdo|esta bien|muy amable|ya llego|recu|cheers|sweet|fantastic|perfecto|vale|de nada|listo|bueno|excelente|genial|entendido|parfait|super|genial|daccord|cest bon|cest parfait|compris|bien recu|for (?:the|your) (?:help|update|info|quick reply|heads up)|that works|works for me)(?: |$))+`)
)

// withoutPoliteness returns the words that are left without politeness.
func withoutPoliteness(words string) string {
	left := polite.ReplaceAllString(words, " ")
	if left == words {
		return words
	}
	return strings.Join(strings.Fields(left), " ")
}

// isGreeting reports whether an utterance only greets. "Hello?" asks for a person.
func (u utterance) isGreeting() bool {
	return u.core == "" && !u.isInsistent() && greeting.MatchString(u.words)
}

// isThanks reports whether an utterance needs no answer.
func (u utterance) isThanks() bool {
	return (u.core == "" && thanks.MatchString(u.words) || needsNoAnswer.MatchString(u.core)) && !u.isInsistent()
}

// isInsistent reports whether an utterance wants something, however politely.
func (u utterance) isInsistent() bool { return u.question || insistent.MatchString(u.words) }
