package keyword

import "sidetext/keyword/phrase"

// A Pattern is a pattern and the expression that it is equivalent to.
type Pattern struct {
	Expression       string
	MatchString      func(string) bool
	ReplaceAllString func(s, by string) string // nil for an Exact
}

// Patterns returns all patterns by name.
func Patterns() map[string]Pattern {
	patterns := map[string]Pattern{}
	for name, w := range map[string]phrase.Exact{
		"asksMenu": asksMenu, "resubscribe": resubscribe, "needsNoAnswer": needsNoAnswer, "saysStop": saysStop, "wrongNumber": wrongNumber, "endsSubscription": endsSubscription, "callsPerson": callsPerson,
		"doubtful": doubtful, "thingsOnly": thingsOnly, "partOfWish": partOfWish, "plainStop": plainStop, "vagueSending": vagueSending, "wholeSender": wholeSender, "sendingThese": sendingThese, "stopService": stopService,
	} {
		patterns[name] = Pattern{w.String(), w.MatchString, nil}
	}
	for _, w := range changeWishes {
		patterns[w.word] = Pattern{w.pattern.String(), w.pattern.MatchString, nil}
	}
	for name, p := range map[string]phrase.Anywhere{
		"polite": polite, "greeting": greeting, "thanks": thanks, "insistent": insistent, "wantsSilence": wantsSilence, "removal": removal,
		"hedged": hedged, "limited": limited, "threat": threat, "newNumber": newNumber, "mentionsNumber": mentionsNumber, "exceptions": exceptions,
		"aboutTexts": aboutTexts, "otherWish": otherWish, "asksAboutStop": asksAboutStop, "stopAsPlace": stopAsPlace, "endsWithStop": endsWithStop, "saidStop": saidStop,
		"hints": hints, "stopOtherChannel": stopOtherChannel, "viaOtherChannel": viaOtherChannel, "otherNumbers": otherNumbers, "textsWelcome": textsWelcome,
		"textList": textList, "emailList": emailList, "nextOnly": nextOnly, "goodsAnywhere": goodsAnywhere, "autoReplies": autoReplies, "alsoHuman": alsoHuman, "numberUnusable": numberUnusable, "keptData": keptData, "takenBack": takenBack, "askedBefore": askedBefore, "still": still, "doNotContactList": doNotContactList, "pausing": pausing, "dontShip": dontShip, "emailOnly": emailOnly,
		"notOnlyEnd": notOnlyEnd, "asksForPerson": asksForPerson, "negation": negation, "orderChange": orderChange, "notOrderChange": notOrderChange,
		"orderStatus": orderStatus, "notOrderStatus": notOrderStatus,
	} {
		patterns[name] = Pattern{p.String(), p.MatchString, p.ReplaceAllString}
	}
	return patterns
}

// PatternInputs returns the strings of a text that patterns are matched against.
func PatternInputs(text string) []string {
	u := normalize(text)
	return append(u.clauses, u.words, u.core)
}
