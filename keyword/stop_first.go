package keyword

import "strings"

// stopFirst reads a part that begins with stop and goes on without punctuation.
// As a word in front it is a wish for silence, "stop who is this"; as a verb it
// is one only with the right object, not "stop by the office" or "stop sending
// the vanilla one".
func stopFirst(part string) (finding, bool) {
	if doubtful.MatchString(part) {
		return finding{}, false // "stop menu"
	}
	rest, told, self := part, false, false
	for {
		next, found := insisting.cut(rest)
		if !found {
			break
		}
		rest = next
	}
	if next, found := telling.cut(rest); found {
		rest, told = next, true
	} else if next, found := request.cut(rest); found {
		rest, self = next, true
	}
	after, found := stopVerb.cut(rest)
	if found && promising.begin(part) {
		return finding{}, true // "I'll stop bugging you"
	}
	if !found {
		return finding{}, false
	}
	f := objectOfStop(after)
	switch {
	case f.level == None || f.level == Possible:
	case self && !silent.MatchString(rest):
		f.level = Possible // "I want to stop this"
	case told && !silent.MatchString(rest) && after != "" && !mere.MatchString(after):
		f.level = Possible // "can you stop the noise"
	}
	if f.level == Possible && f.besides == nil && !f.ends {
		f.besides = []string{part}
	}
	if f.level == None && !f.ends {
		f.besides = []string{part}
	}
	return f, true
}

// objectOfStop reads what comes after stop.
func objectOfStop(after string) finding {
	word := after[:wordLen(after)]
	switch {
	case after == "":
		return finding{level: Clear}
	case visiting.begin(after):
		return finding{}
	case limiting.begin(after):
		return finding{level: Possible}
	}
	whole := "stop " + after
	if start, end := silent.find(whole); start == 0 {
		return weigh("", whole[:end], whole[end:])
	}
	switch {
	case elsewhereSilent.MatchString(whole) && !aboutTexts.MatchString(whole):
		return elsewhereOnly(whole)
	case serving.MatchString(after):
		return finding{level: Possible, ends: true}
	case charging.begin(after):
		return finding{ends: true}
	case goodsObject.begin(after):
		return finding{besides: nil}
	case supplying.begin(after), these.MatchString(after):
		return supply(after)
	case automating.begin(after):
		return finding{level: Possible}
	case strings.HasSuffix(word, "ing") && !thingWords[word]:
		return finding{level: Possible} // "stop lying", "stop using UPS"
	case itDoing.begin(after), praising.MatchString(after), determined.begin(after):
		return finding{level: Possible}
	}
	f := finding{level: Clear}
	if !secondWish.MatchString(after) && !wishful.MatchString(after) && !explaining.begin(after) && !merelySilence(after) {
		return finding{level: Possible, besides: []string{whole}} // "stop at gate code 1234", "cease production"
	}
	if secondWish.MatchString(after) || wishful.MatchString(after) && !belongs.MatchString(after) {
		f.besides = []string{strings.TrimPrefix(after, "or ")}
	}
	return f
}

// supply reads "stop sending …": goods, or what may be texts.
func supply(after string) finding {
	if these.MatchString(after) {
		return finding{level: Clear}
	}
	if vague.MatchString(after) {
		return finding{level: Possible}
	}
	if instead.MatchString(after) || !goodsAnywhere.MatchString(after) {
		return finding{}
	}
	return finding{ends: !oneKind.MatchString(after)}
}

var (
	stopVerb   = waysOf(`(?:stop|stopall|cease|halt)(?: |$)`)
	insisting  = waysOf(`(?:i said|i say|i told you (?:guys )?to|told you to|i asked you to|i want you(?: all| guys)? to|i need you(?: all| guys)? to|you (?:guys |all )?(?:need|have|must) to|you must|you guys|yall|make it|omg|wtf|ugh|hey|yo|yes|no|dude|bro|man|seriously|again|once again|i repeat|for the last time|for gods sake|for the love of god|please|ok|so|then|or|also|and) `)
	explaining = waysOf(`(?:because|bc|cause|cuz|since|as|or|im|i) `)
	promising  = waysOf(`(?:ill|i will|im going to|i am going to|lets|let me) `)
	telling    = waysOf(`(?:can|could|will|would) (?:you|yall) (?:guys )?(?:please )?`)
	// What may follow "can you stop" and leaves no doubt.
	mere = full(`(?:(?:it|this|that|all|already|me|now|with this|with it|with the texts|everything|for good|right now|today)(?: |$))+`)

	visiting   = waysOf(`(?:by|over|in|(?:it|them|this|that) from|at (?:the|my|our|your|a|any|home)|off at|sign|signs|button|buttons|light|lights|watch|motion|code|gap|loss|valve|n shop|and shop|and smell|and think|shop|the presses|on (?:our|my|the|your) (?:street|way|road)|for (?:gas|coffee|lunch|dinner|tea))(?: |$)`)
	limiting   = waysOf(`(?:payments?|if|until|till|unless|before|after|when|while|between|during|for (?:a|an|one|two|three|\d+|the|this|now)|so (?:much|often|many)|too|this (?:week|month))(?: |$)`)
	charging   = waysOf(`(?:(?:charging|billing|renewing|shipping|delivering)(?: (?:coffee|tea|beans|boxes|bags|packages|food|me|us|my|our|card|account|credit|debit|bank|everything|this|it|stuff|orders?|monthly|anymore|every month|automatically|products|to me))*$)`)
	serving    = full(`(?:the |this |my |your )?services?`)
	supplying  = waysOf(`(?:sending|send|shipping|ship|delivering|giving|putting|adding|substituting|making|charging|billing|using|leaving|including|packing)(?: |$)`)
	automating = waysOf(`(?:replying|answering|responding|asking|auto|the (?:bot|robot)|with the (?:menus?|numbers|bot))(?: |$)`)
	// "stop my order": what happens to goods is no matter of texts.
	goodsObject   = waysOf(`(?:DET )*(?:GOODS)(?: |$)`, `(?:DET )+(?:\w+ )?(?:GOODS)(?: |$)`)
	itDoing       = waysOf(`(?:it|this|that|them) \w+ing `, `(?:it|this|that|them) \w+ing$`)
	determined    = waysOf(`(?:the|my|our|your|an?) `)
	goodsAnywhere = within(`GOODS`)
	vague         = full(`(?:sending|send|giving|shipping)(?: (?:me|us|it|this|that|these|those|them|things|stuff|more|anything|any|all|of|to|now|anymore|your))*`)
	these         = full(`(?:sending|send)(?: (?:me|us|this|that|these|those|them|to|now|anymore|any|more|it|out))*`, `doing this`)
	instead       = within(`instead`, `one`, `ones`, `flavou?r`, `kind`, `next`, `upcoming`, `december`, `january`, `so many`, `too many`, `extra`)
	oneKind       = within(`the \w+ (?:one|ones)`, `decaf`, `dark`, `light`, `spoons?`)
	thingWords    = set(`everything anything nothing something thing bing king ring`)
	praising      = within(`(?:so|too|this is|its|thats) (?:\w+ )?(?:good|cute|funny|great|amazing|gorgeous|delicious|sweet|beautiful|nice)`, `love`)
	secondWish    = within(`(?:or )?(?:i|we) (?:will|ll|am|was|have|had|never|dont|do not)`, `ill`, `im`, `ive`, `you (?:sent|charged|cancell?ed|never|did|have)`, `this is`)
)
