package keyword

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"sidetext/keyword/phrase"
)

// A Silence says how certain it is that a text asks for no more texts.
type Silence int

const (
	None     Silence = iota
	Possible         // a person decides; no SMS may answer the text
	Clear
)

// A finding is the result of a search for silence in a text or a part of it.
type finding struct {
	level Silence
	rest  []string // the clauses that say something else
	ends  bool     // something else than texts should end

	otherChannel bool // the wish is about another channel
}

// findSilence looks for a wish for silence in each clause. A clear wish in one of
// them outweighs a possible one in another.
func findSilence(u utterance) finding {
	f := finding{}
	if !u.question && isShortWish(u.core) {
		return finding{level: Clear}
	}
	if silenceFilter.MayMatch(u.words) {
		f = searchSilence(u)
	}
	if f.level == None && (strings.ContainsAny(u.folded, "🛑⛔🚫🖕") || isForeignScript(u.words)) {
		f.level, f.rest = Possible, u.clauses
	}
	return f
}

// isForeignScript reports whether most letters are of scripts that the patterns do not
// cover.
func isForeignScript(words string) bool {
	foreign, all := 0, 0
	for _, r := range words {
		if unicode.IsLetter(r) {
			all++
			if r >= utf8.RuneSelf && !unicode.Is(unicode.Latin, r) {
				foreign++
			}
		}
	}
	return foreign*2 > all
}

func searchSilence(u utterance) finding {
	if wrongNumber.MatchString(u.core) || emailOnly.MatchString(u.words) {
		return finding{level: Clear}
	}
	var all finding
	here := None // the level without wishes about other channels
	for _, clause := range u.clauses {
		for _, part := range splitWishes(clause) {
			f := readPart(part)
			all.level, all.ends = max(all.level, f.level), all.ends || f.ends
			if !f.otherChannel {
				here = max(here, f.level)
			}
			if f.level == None && !f.ends {
				f.rest = []string{part}
			}
			all.rest = append(all.rest, f.rest...)
		}
	}
	if here == None && textsWelcome.MatchString(u.words) {
		all.level = None // "stop emailing me, texts are fine"
	}
	switch {
	case all.level != Clear && ignoredStop(u):
		all.level = Clear
	case all.level == None:
		return finding{ends: all.ends}
	case all.level == Clear && pausing.MatchString(u.words):
		all.level = Possible // "stop for now, I have too many"
	case all.level == Clear && replacesNumber(u):
		all.level = Possible // "delete my number, use my wife's"
	case all.level == Clear && (exceptions.MatchString(u.words) || takenBack.MatchString(threat.ReplaceAllString(u.words, ""))):
		all.level = Possible // "stop promos but keep the shipping updates", "stop. Just kidding"
	}
	return all
}

// silenceFilter finds out quickly that an utterance has nothing to do with silence.
var silenceFilter = phrase.NewFilter(wantsSilence, removal, hints, emailOnly, stopOtherChannel, endsWithStop, saidStop, askedBefore,
	saysStop, wrongNumber, doubtful, stopVerb)

// ignoredStop reports whether an utterance complains about texts after an opt-out.
func ignoredStop(u utterance) bool {
	return askedBefore.MatchString(u.words) && still.MatchString(u.words) && !hedged.MatchString(u.words) && !goodsAnywhere.MatchString(u.words)
}

// replacesNumber reports whether the shopper gives another number in place of this one.
func replacesNumber(u utterance) bool {
	return newNumber.MatchString(u.words) && mentionsNumber.MatchString(u.words)
}
