package keyword

import (
	"iter"
	"strings"
)

// splitWishes splits a clause where wishes are joined: "stop texting me and cancel my
// subscription". A part that is only a thing gets the verb of the one before: "stop
// the texts and the deliveries".
func splitWishes(clause string) []string {
	var parts []string
	verb := ""
	for part := range splitJoined(clause) {
		if verb != "" && thingsOnly.MatchString(part) {
			part = verb + part
		} else if rest, found := endingVerb.Cut(part); found {
			verb = part[:len(part)-len(rest)]
		}
		parts = append(parts, part)
	}
	return parts
}

// splitJoined yields what stands between joining words.
func splitJoined(clause string) iter.Seq[string] {
	return func(yield func(string) bool) {
		words := strings.Fields(clause)
		begin := 0
		for i, word := range words {
			if !joiningWords[word] {
				continue
			}
			if i > 0 && i+1 < len(words) && inseparable[words[i-1]+" "+words[i+1]] {
				words[i] = "and"
				continue
			}
			if i > begin && !yield(strings.Join(words[begin:i], " ")) {
				return
			}
			begin = i + 1
		}
		if begin < len(words) {
			yield(strings.Join(words[begin:], " "))
		}
	}
}

var (
	joiningWords = set(`and also but then & + y pero tambien ademas et mais aussi puis btw`)
	inseparable  = map[string]bool{"calling texting": true, "call text": true, "calls texts": true, "emailing texting": true, "emails texts": true, "texting calling": true, "text call": true, "texts calls": true, "texting emailing": true, "subscribe save": true, "stop shop": true, "stop smell": true, "stop think": true, "text drive": true, "name number": true}

	endingVerb = expr.Prefix(`(?:stop|end|cancel|quit|no more|unsubscribe|unsubscribe me|remove me|take me off|opt (?:me )?out)(?: (?:from|of|sending me|sending))? `)
	thingsOnly = expr.Exact(`(?:(?:from|of|off|the|my|all|any|your|no|more|monthly|weekly|automatic|automated|marketing) )*(?:TEXTS|GOODS|lists?)`)
)

// readPart looks for a wish for silence in one part of a clause.
func readPart(part string) finding {
	part = threat.ReplaceAllString(part, "") // "if you don't stop texting me …"
	if saysStop.MatchString(part) {
		return finding{level: Clear}
	}
	if f, ok := readLeadingStop(part); ok {
		return f
	}
	if stopOtherChannel.MatchString(part) && !aboutTexts.MatchString(part) && !doNotContactList.MatchString(part) {
		return otherChannelOnly(part)
	}
	if start, end := wantsSilence.Find(part); start >= 0 {
		return readAround(part[:start], part[start:end], part[end:])
	}
	if start, end := removal.Find(part); start >= 0 {
		return readRemoval(part[:start], part[start:end], part[end:])
	}
	switch {
	case saidStop.MatchString(part) && !hedged.MatchString(part):
		return finding{level: Clear, rest: []string{part}}
	case endsWithStop.MatchString(part):
		return readTrailingStop(part)
	case doubtful.MatchString(part):
		return finding{level: Possible}
	case hints.MatchString(part):
		return finding{level: Possible, rest: []string{part}}
	}
	return finding{}
}

// readAround reads what stands around a wish for silence: what makes it doubtful,
// about which channel it is, and what else the part says.
func readAround(before, wish, after string) finding {
	whole := before + wish + after
	switch {
	case hedged.MatchString(whole), limited.MatchString(after):
		return finding{level: Possible, rest: []string{whole}}
	case stopOtherChannel.MatchString(whole) && !aboutTexts.MatchString(after) && !doNotContactList.MatchString(whole),
		viaOtherChannel.MatchString(after) && !aboutTexts.MatchString(after), otherNumbers.MatchString(after):
		return otherChannelOnly(whole)
	}
	f := finding{level: Clear}
	for _, side := range []string{before, after} {
		if side = strings.TrimSpace(side); otherWish.MatchString(side) && !partOfWish.MatchString(side) {
			f.rest = append(f.rest, side)
		}
	}
	return f
}

// otherChannelOnly returns the finding for a part that wants silence on another
// channel. It may be wanted here too, unless the shopper asks to be texted.
func otherChannelOnly(part string) finding {
	if textsWelcome.MatchString(part) {
		return finding{rest: []string{part}}
	}
	return finding{level: Possible, rest: []string{part}, otherChannel: true}
}

// readTrailingStop reads a part that ends with stop without punctuation: "not interested
// stop", but not "the bus stop".
func readTrailingStop(part string) finding {
	before := strings.TrimSuffix(part, " stop")
	switch {
	case stopAsPlace.MatchString(part):
		return finding{}
	case hedged.MatchString(part), asksAboutStop.MatchString(part), !onlySilence(before) && !otherWish.MatchString(before):
		return finding{level: Possible, rest: []string{part}}
	}
	f := finding{level: Clear}
	if otherWish.MatchString(before) {
		f.rest = []string{before}
	}
	return f
}
