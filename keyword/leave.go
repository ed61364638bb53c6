package keyword

import "strings"

// leave reads a wish to be taken out of something. What it is comes after it:
// texts, something that costs money, or something that can't be told.
func leave(before, wish, after string) finding {
	whole := strings.TrimSpace(before + wish + after)
	if denied.MatchString(whole) {
		return finding{level: Possible, besides: []string{whole}}
	}
	object, named := leavingFrom.cut(strings.TrimSpace(after))
	if !named {
		object = strings.TrimSpace(after)
	}
	switch {
	case others.MatchString(wish), others.MatchString(object):
		return finding{level: Possible, besides: []string{whole}}
	case kept.MatchString(object), oneOf.begin(object):
		return finding{level: Possible, besides: []string{whole}}
	case channel.MatchString(object):
		return elsewhereOnly(whole)
	case mailing.MatchString(object) && !aboutTexts.MatchString(object):
		return elsewhereOnly(whole)
	case textual.MatchString(object):
		return weigh(before, wish, after)
	case everything.MatchString(object):
		return weigh(before, wish, after)
	case nextOnly.MatchString(object):
		return finding{besides: []string{whole}}
	case goodsAnywhere.MatchString(object):
		if named || leavesDirectly.MatchString(wish) {
			return finding{ends: true}
		}
		return weigh(before, wish, after)
	case limited.MatchString(object):
		return finding{level: Possible, besides: []string{whole}}
	case !named:
		if offOnly.MatchString(wish) && object != "" && !belongs.MatchString(object) && !wishful.MatchString(object) {
			return finding{level: Possible, ends: true} // "take me off the thing"
		}
		return weigh(before, wish, after)
	case personal.MatchString(wish):
		return finding{level: Possible, besides: []string{whole}} // "remove my info from your system"
	case object == "":
		return finding{level: Clear}
	}
	return finding{level: Possible, ends: true} // something that has a name of its own
}

var (
	leavingFrom = waysOf(`(?:(?:please |now |permanently |immediately )*(?:from|of|off of|off|out of|to|de|del|des|du|a|la|el|les|mon|ma|mi|my|the|your) )+`)
	textual     = within(`TEXTS`, `texting`, `lists?`, `listas?`, `listes?`, `contacts`, `phone book`, `thread`, `group`)
	mailing     = within(`e ?mails?`, `e ?mail list`, `newsletters?`, `correos?`, `courriels?`, `infolettres?`, `boletin`)
	nextOnly    = within(`next`, `upcoming`, `this (?:month|week)s?`, `december`)
	everything  = full(`(?:(?:this|these|that|it|you|yall|your|store|company|shop|system|databases?|records?|files?|sistema|base de datos|here|now|already|please|everything|all|of|us|vous|ca|cela|tout|todo|esto|ustedes|aqui|at once|guys|them|those|marketing|campaigns?|mailings|communications|number|phone)(?: |$))+`, `whatever .*`)
	// Where data are kept, which are more than a list of numbers.
	kept     = within(`account`, `hold`, `waitlist`, `wait list`, `packing`, `review`, `contact`)
	oneOf    = waysOf(`(?:one|as|the other|the second|both) `)
	offOnly  = within(`off$`)
	personal = within(`my (?:info|information|name)`)
	// Verbs whose object follows without a preposition: "unsubscribe my plan".
	leavesDirectly = within(`unsubscribe`, `unsub`, `unenroll(?: me)?`, `off$`, `(?:take|get|pull|drop) (?:me|us) off`)
)
