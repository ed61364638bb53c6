package keyword

import (
	"strings"

	"sidetext/keyword/phrase"
)

// readLeadingStop reads a part that begins with stop and goes on without
// punctuation. As a word of its own ("stop who is this") it is a wish for silence.
// As a verb it is one only with a fitting object, not in "stop by the office" or
// "stop sending the vanilla one". It returns false if the part does not begin so.
func readLeadingStop(part string) (finding, bool) {
	if doubtful.MatchString(part) {
		return finding{}, false // "stop menu"
	}
	rest, asked, self := part, false, false
	for {
		next, found := insistence.Cut(rest)
		if !found {
			break
		}
		rest = next
	}
	if next, found := politeRequest.Cut(rest); found {
		rest, asked = next, true
	} else if next, found := request.Cut(rest); found {
		rest, self = next, true
	}
	after, found := stopVerb.Cut(rest)
	if found && shopperPromises.MatchString(part) {
		return finding{}, true // "I'll stop bugging you"
	}
	if !found {
		return finding{}, false
	}
	f := readStopObject(after)
	switch {
	case f.level == None || f.level == Possible:
	case self && !wantsSilence.MatchString(rest):
		f.level = Possible // "I want to stop this"
	case asked && !wantsSilence.MatchString(rest) && after != "" && !plainStop.MatchString(after):
		f.level = Possible // "can you stop the noise"
	}
	if f.level == Possible && f.rest == nil && !f.ends {
		f.rest = []string{part}
	}
	if f.level == None && !f.ends {
		f.rest = []string{part}
	}
	return f, true
}

// readStopObject reads what follows stop.
func readStopObject(after string) finding {
	word := after[:phrase.WordLen(after)]
	switch {
	case after == "":
		return finding{level: Clear}
	case stopAsVisit.MatchString(after):
		return finding{}
	case stopForTime.MatchString(after):
		return finding{level: Possible}
	}
	whole := "stop " + after
	if start, end := wantsSilence.Find(whole); start == 0 {
		return readAround("", whole[:end], whole[end:])
	}
	switch {
	case stopOtherChannel.MatchString(whole) && !aboutTexts.MatchString(whole):
		return otherChannelOnly(whole)
	case stopService.MatchString(after):
		return finding{level: Possible, ends: true}
	case stopCharging.MatchString(after):
		return finding{ends: true}
	case goodsObject.MatchString(after):
		return finding{rest: nil}
	case stopSending.MatchString(after), sendingThese.MatchString(after):
		return readStopSending(after)
	case stopAutomation.MatchString(after):
		return finding{level: Possible}
	case strings.HasSuffix(word, "ing") && !ingNouns[word]:
		return finding{level: Possible} // "stop lying", "stop using UPS"
	case itDoing.MatchString(after), praise.MatchString(after), startsWithArticle.MatchString(after):
		return finding{level: Possible}
	}
	f := finding{level: Clear}
	if !secondWish.MatchString(after) && !otherWish.MatchString(after) && !reasonFollows.MatchString(after) && !onlySilence(after) {
		return finding{level: Possible, rest: []string{whole}} // "stop at gate code 1234", "cease production"
	}
	if secondWish.MatchString(after) || otherWish.MatchString(after) && !partOfWish.MatchString(after) {
		f.rest = []string{strings.TrimPrefix(after, "or ")}
	}
	return f
}

// readStopSending reads "stop sending …": goods, or what may be texts.
func readStopSending(after string) finding {
	if sendingThese.MatchString(after) {
		return finding{level: Clear}
	}
	if vagueSending.MatchString(after) {
		return finding{level: Possible}
	}
	if instead.MatchString(after) || !goodsAnywhere.MatchString(after) {
		return finding{}
	}
	return finding{ends: !oneKind.MatchString(after)}
}

var (
	stopVerb        = expr.Prefix(`(?:stop|stopall|cease|halt)(?: |$)`)
	insistence      = expr.Prefix(`(?:i said|i say|i told you (?:guys )?to|told you to|i asked you to|i want you(?: all| guys)? to|i need you(?: all| guys)? to|you (?:guys |all )?(?:need|have|must) to|you must|you guys|yall|make it|omg|wtf|ugh|hey|yo|yes|no|dude|bro|man|seriously|again|once again|i repeat|for the last time|for gods sake|for the love of god|please|ok|so|then|or|also|and) `)
	reasonFollows   = expr.Prefix(`(?:because|bc|cause|cuz|since|as|or|im|i) `)
	shopperPromises = expr.Prefix(`(?:ill|i will|im going to|i am going to|lets|let me) `)
	politeRequest   = expr.Prefix(`(?:can|could|will|would) (?:you|yall) (?:guys )?(?:please )?`)
	// plainStop matches what may follow "can you stop" without making it doubtful.
	plainStop = expr.Exact(`(?:(?:it|this|that|all|already|me|now|with this|with it|with the texts|everything|for good|right now|today)(?: |$))+`)

	stopAsVisit    = expr.Prefix(`(?:by|over|in|(?:it|them|this|that) from|at (?:the|my|our|your|a|any|home)|off at|sign|signs|button|buttons|light|lights|watch|motion|code|gap|loss|valve|n shop|and shop|and smell|and think|shop|the presses|on (?:our|my|the|your) (?:street|way|road)|for (?:gas|coffee|lunch|dinner|tea))(?: |$)`)
	stopForTime    = expr.Prefix(`(?:payments?|if|until|till|unless|before|after|when|while|between|during|for (?:a|an|one|two|three|\d+|the|this|now)|so (?:much|often|many)|too|this (?:week|month))(?: |$)`)
	stopCharging   = expr.Prefix(`(?:(?:charging|billing|renewing|shipping|delivering)(?: (?:coffee|tea|beans|boxes|bags|packages|food|me|us|my|our|card|account|credit|debit|bank|everything|this|it|stuff|orders?|monthly|anymore|every month|automatically|products|to me))*$)`)
	stopService    = expr.Exact(`(?:the |this |my |your )?services?`)
	stopSending    = expr.Prefix(`(?:sending|send|shipping|ship|delivering|giving|putting|adding|substituting|making|charging|billing|using|leaving|including|packing)(?: |$)`)
	stopAutomation = expr.Prefix(`(?:replying|answering|responding|asking|auto|the (?:bot|robot)|with the (?:menus?|numbers|bot))(?: |$)`)
	// goodsObject matches goods, as in "stop my order", which is not about texts.
	goodsObject       = expr.Prefix(`(?:DET )*(?:GOODS)(?: |$)`, `(?:DET )+(?:\w+ )?(?:GOODS)(?: |$)`)
	itDoing           = expr.Prefix(`(?:it|this|that|them) \w+ing `, `(?:it|this|that|them) \w+ing$`)
	startsWithArticle = expr.Prefix(`(?:the|my|our|your|an?) `)
	goodsAnywhere     = expr.Anywhere(`GOODS`)
	vagueSending      = expr.Exact(`(?:sending|send|giving|shipping)(?: (?:me|us|it|this|that|these|those|them|things|stuff|more|anything|any|all|of|to|now|anymore|your))*`)
	sendingThese      = expr.Exact(`(?:sending|send)(?: (?:me|us|this|that|these|those|them|to|now|anymore|any|more|it|out))*`, `doing this`)
	instead           = expr.Anywhere(`instead`, `one`, `ones`, `flavou?r`, `kind`, `next`, `upcoming`, `december`, `january`, `so many`, `too many`, `extra`)
	oneKind           = expr.Anywhere(`the \w+ (?:one|ones)`, `decaf`, `dark`, `light`, `spoons?`)
	ingNouns          = set(`everything anything nothing something thing bing king ring`)
	praise            = expr.Anywhere(`(?:so|too|this is|its|thats) (?:\w+ )?(?:good|cute|funny|great|amazing|gorgeous|delicious|sweet|beautiful|nice)`, `love`)
	secondWish        = expr.Anywhere(`(?:or )?(?:i|we) (?:will|ll|am|was|have|had|never|dont|do not)`, `ill`, `im`, `ive`, `you (?:sent|charged|cancell?ed|never|did|have)`, `this is`)
)
