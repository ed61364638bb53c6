package keyword

import "strings"

// readRemoval reads a wish to be removed from something, which is named after the
// wish: texts, something that costs money, or something unknown.
func readRemoval(before, wish, after string) finding {
	whole := strings.TrimSpace(before + wish + after)
	if hedged.MatchString(whole) {
		return finding{level: Possible, rest: []string{whole}}
	}
	object, named := removedFrom.Cut(strings.TrimSpace(after))
	if !named {
		object = strings.TrimSpace(after)
	}
	switch {
	case otherNumbers.MatchString(wish), otherNumbers.MatchString(object):
		return finding{level: Possible, rest: []string{whole}}
	case keptData.MatchString(object), oneOf.MatchString(object):
		return finding{level: Possible, rest: []string{whole}}
	case viaOtherChannel.MatchString(object):
		return otherChannelOnly(whole)
	case emailList.MatchString(object) && !aboutTexts.MatchString(object):
		return otherChannelOnly(whole)
	case textList.MatchString(object):
		return readAround(before, wish, after)
	case wholeSender.MatchString(object):
		return readAround(before, wish, after)
	case nextOnly.MatchString(object):
		return finding{rest: []string{whole}}
	case goodsAnywhere.MatchString(object):
		if named || directRemoval.MatchString(wish) {
			return finding{ends: true}
		}
		return readAround(before, wish, after)
	case limited.MatchString(object):
		return finding{level: Possible, rest: []string{whole}}
	case !named:
		if offOnly.MatchString(wish) && object != "" && !partOfWish.MatchString(object) && !otherWish.MatchString(object) {
			return finding{level: Possible, ends: true} // "take me off the thing"
		}
		return readAround(before, wish, after)
	case personalData.MatchString(wish):
		return finding{level: Possible, rest: []string{whole}} // "remove my info from your system"
	case object == "":
		return finding{level: Clear}
	}
	return finding{level: Possible, ends: true} // something with a name of its own
}

var (
	removedFrom = expr.Prefix(`(?:(?:please |now |permanently |immediately )*(?:from|of|off of|off|out of|to|de|del|des|du|a|la|el|les|mon|ma|mi|my|the|your) )+`)
	textList    = expr.Anywhere(`TEXTS`, `texting`, `lists?`, `listas?`, `listes?`, `contacts`, `phone book`, `thread`, `group`)
	emailList   = expr.Anywhere(`e ?mails?`, `e ?mail list`, `newsletters?`, `correos?`, `courriels?`, `infolettres?`, `boletin`)
	nextOnly    = expr.Anywhere(`next`, `upcoming`, `this (?:month|week)s?`, `december`)
	wholeSender = expr.Exact(`(?:(?:this|these|that|it|you|yall|your|store|company|shop|system|databases?|records?|files?|sistema|base de datos|here|now|already|please|everything|all|of|us|vous|ca|cela|tout|todo|esto|ustedes|aqui|at once|guys|them|those|marketing|campaigns?|mailings|communications|number|phone)(?: |$))+`, `whatever .*`)
	// keptData matches other things than a list of numbers that the wish may be about.
	keptData     = expr.Anywhere(`account`, `hold`, `waitlist`, `wait list`, `packing`, `review`, `contact`)
	oneOf        = expr.Prefix(`(?:one|as|the other|the second|both) `)
	offOnly      = expr.Anywhere(`off$`)
	personalData = expr.Anywhere(`my (?:info|information|name)`)
	// directRemoval matches verbs whose object follows without a preposition: "unsubscribe my plan".
	directRemoval = expr.Anywhere(`unsubscribe`, `unsub`, `unenroll(?: me)?`, `off$`, `(?:take|get|pull|drop) (?:me|us) off`)
)
