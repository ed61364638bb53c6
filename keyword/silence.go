package keyword

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Silence says how certain it is that a text asks for no more texts.
type Silence int

const (
	None     Silence = iota
	Possible         // it may: a person decides, and no text may answer it
	Clear            // it does
)

func (s Silence) String() string { return [...]string{"none", "possible", "clear"}[s] }

// A finding is what a search for silence found in a text or in a part of it.
type finding struct {
	level   Silence
	besides []string // what is said besides, in clauses
	ends    bool     // something else than texts is to end

	elsewhere bool // it is about another channel
}

// findSilence looks for the wish not to be texted, clause by clause. What is
// certain in one of them outweighs what is doubtful in another.
func findSilence(said utterance) finding {
	f := finding{}
	if !said.asks && brief(said.core) {
		return finding{level: Clear}
	}
	if said.mayWantSilence() {
		f = searchSilence(said)
	}
	if f.level == None && (strings.ContainsAny(said.folded, "🛑⛔🚫🖕") || unreadable(said.words)) {
		f.level, f.besides = Possible, said.clauses
	}
	return f
}

// unreadable reports whether words are of scripts in which nothing is found here.
func unreadable(words string) bool {
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

func searchSilence(said utterance) finding {
	if astray.MatchString(said.core) || mailOnly.MatchString(said.words) {
		return finding{level: Clear}
	}
	var all finding
	here := None // without what is about other channels
	for _, clause := range said.clauses {
		for _, part := range partsOf(clause) {
			f := silenceIn(part)
			all.level, all.ends = max(all.level, f.level), all.ends || f.ends
			if !f.elsewhere {
				here = max(here, f.level)
			}
			if f.level == None && !f.ends {
				f.besides = []string{part}
			}
			all.besides = append(all.besides, f.besides...)
		}
	}
	if here == None && welcome.MatchString(said.words) {
		all.level = None // "stop emailing me, texts are fine"
	}
	switch {
	case all.level != Clear && unheeded(said):
		all.level = Clear
	case all.level == None:
		return finding{ends: all.ends}
	case all.level == Clear && pausing.MatchString(said.words):
		all.level = Possible // "stop for now, I have too many"
	case all.level == Clear && replaces(said):
		all.level = Possible // "delete my number, use my wife's"
	case all.level == Clear && (excepts.MatchString(said.words) || takenBack.MatchString(threat.ReplaceAllString(said.words, ""))):
		all.level = Possible // "stop promos but keep the shipping updates", "stop. Just kidding"
	}
	return all
}

// silenceStarts are the words with which anything that matters here begins, and
// those that may come second.
var silenceStarts = func() *starts {
	s := &starts{}
	for _, p := range []part{silent, leaving, hints, mailOnly, elsewhereSilent, trailing, saidStop, asked} {
		s.add(p.ways)
	}
	for _, w := range []whole{stop, astray, doubtful} {
		s.add(w.unframed)
		s.add(w.framed)
	}
	s.add(stopVerb)
	return s
}()

func (u utterance) mayWantSilence() bool {
	for at := range wordsIn(u.words) {
		if silenceStarts.may(u.words[at:]) {
			return true
		}
	}
	return false
}

// partsOf divides a clause where people join wishes: "stop texting me and
// cancel my subscription". A part that is only a thing has the verb of the one
// before: "stop the texts and the deliveries".
func partsOf(clause string) []string {
	var parts []string
	verb := ""
	for part := range splitJoined(clause) {
		if v, ok := thing(part); verb != "" && ok && v {
			part = verb + part
		} else if rest, found := endingVerb.cut(part); found {
			verb = part[:len(part)-len(rest)]
		}
		parts = append(parts, part)
	}
	return parts
}

func thing(part string) (is, ok bool) { return things.MatchString(part), true }

// splitJoined yields what stands between words that join.
func splitJoined(clause string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		words := strings.Fields(clause)
		begin := 0
		for i, word := range words {
			if !joins[word] {
				continue
			}
			if i > 0 && i+1 < len(words) && together[words[i-1]+" "+words[i+1]] {
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
	joins    = set(`and also but then & + y pero tambien ademas et mais aussi puis btw`)
	together = map[string]bool{"calling texting": true, "call text": true, "calls texts": true, "emailing texting": true, "emails texts": true, "texting calling": true, "text call": true, "texts calls": true, "texting emailing": true, "subscribe save": true, "stop shop": true, "stop smell": true, "stop think": true, "text drive": true, "name number": true}

	endingVerb = waysOf(`(?:stop|end|cancel|quit|no more|unsubscribe|unsubscribe me|remove me|take me off|opt (?:me )?out)(?: (?:from|of|sending me|sending))? `)
	things     = full(`(?:(?:from|of|off|the|my|all|any|your|no|more|monthly|weekly|automatic|automated|marketing) )*(?:TEXTS|GOODS|lists?)`)
)

// silenceIn reads one part of a clause.
func silenceIn(part string) finding {
	part = threat.ReplaceAllString(part, "") // "if you don't stop texting me …"
	if stop.MatchString(part) {
		return finding{level: Clear}
	}
	if f, ok := stopFirst(part); ok {
		return f
	}
	if elsewhereSilent.MatchString(part) && !aboutTexts.MatchString(part) && !listed.MatchString(part) {
		return elsewhereOnly(part)
	}
	if start, end := silent.find(part); start >= 0 {
		return weigh(part[:start], part[start:end], part[end:])
	}
	if start, end := leaving.find(part); start >= 0 {
		return leave(part[:start], part[start:end], part[end:])
	}
	switch {
	case saidStop.MatchString(part) && !denied.MatchString(part):
		return finding{level: Clear, besides: []string{part}}
	case trailing.MatchString(part):
		return trailingStop(part)
	case doubtful.MatchString(part):
		return finding{level: Possible}
	case hints.MatchString(part):
		return finding{level: Possible, besides: []string{part}}
	}
	return finding{}
}

// weigh reads what stands around a wish for silence: what makes it doubtful,
// where else it is about, and what it says besides.
func weigh(before, wish, after string) finding {
	whole := before + wish + after
	switch {
	case denied.MatchString(whole), limited.MatchString(after):
		return finding{level: Possible, besides: []string{whole}}
	case elsewhereSilent.MatchString(whole) && !aboutTexts.MatchString(after) && !listed.MatchString(whole),
		channel.MatchString(after) && !aboutTexts.MatchString(after), others.MatchString(after):
		return elsewhereOnly(whole)
	}
	f := finding{level: Clear}
	for _, side := range []string{before, after} {
		if side = strings.TrimSpace(side); wishful.MatchString(side) && !belongs.MatchString(side) {
			f.besides = append(f.besides, side)
		}
	}
	return f
}

// elsewhereOnly is what to make of a part that wants silence somewhere else: it
// may be wanted here too, unless the shopper asks to be texted.
func elsewhereOnly(part string) finding {
	if welcome.MatchString(part) {
		return finding{besides: []string{part}}
	}
	return finding{level: Possible, besides: []string{part}, elsewhere: true}
}

// trailingStop reads a part that ends with stop, unpunctuated: "not interested
// stop", but not "the bus stop".
func trailingStop(part string) finding {
	before := strings.TrimSuffix(part, " stop")
	switch {
	case placeBefore.MatchString(part):
		return finding{}
	case denied.MatchString(part), wondering.MatchString(part), !merelySilence(before) && !wishful.MatchString(before):
		return finding{level: Possible, besides: []string{part}}
	}
	f := finding{level: Clear}
	if wishful.MatchString(before) {
		f.besides = []string{before}
	}
	return f
}

// unheeded reports whether an utterance complains of texts that came after a
// wish for silence.
func unheeded(said utterance) bool {
	return asked.MatchString(said.words) && still.MatchString(said.words) && !denied.MatchString(said.words) && !goodsAnywhere.MatchString(said.words)
}

// replaces reports whether a number is given in the place of the one that texts.
func replaces(said utterance) bool {
	return replacing.MatchString(said.words) && numbers.MatchString(said.words)
}
