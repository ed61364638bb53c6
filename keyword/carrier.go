package keyword

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// carrier has the words that carriers act on by themselves, as Twilio does by
// default (Twilio, "Support for opt-out keywords").
var carrier = map[string]Intent{
	"STOP": Nothing, "STOPALL": Nothing, "UNSUBSCRIBE": Nothing, "CANCEL": Nothing,
	"END": Nothing, "QUIT": Nothing, "REVOKE": Nothing, "OPTOUT": Nothing,
	"START": StartTexts, "UNSTOP": StartTexts, "YES": StartTexts,
	"HELP": CarrierHelp, "INFO": CarrierHelp,
}

// exactly reads a text that is a carrier word and nothing else.
func exactly(text string, s State) (Meaning, bool) {
	word := strings.Map(func(r rune) rune { // not ToUpper: a carrier knows no ſ
		if r >= 'a' && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, strings.TrimSpace(text))
	intent, ok := carrier[word]
	if !ok || word == "YES" && (!s.OptedOut || s.InWords) {
		return Meaning{}, false // YES lifts a carrier's block, and there is none
	}
	m := Meaning{Intent: intent, Exact: true, Word: word}
	if intent == Nothing {
		m.Silence = Clear
	}
	return m, true
}

// ambiguous are opt-out words with which shoppers often mean their subscription.
var ambiguous = map[string]bool{
	"CANCEL": true, "END": true, "QUIT": true, "TERMINATE": true, "DISCONTINUE": true,
	"CANCELAR": true, "TERMINAR": true, "FINALIZAR": true, "ANNULER": true, "RESILIER": true, "FIN": true,
}

// optOutWords are texts that mean STOP on some sender's list, without spaces:
// those of Twilio, of the toll-free network and AWS ("REMOVE", "TD", "ARRET"),
// of Telnyx and Bandwidth ("STOP ALL"), and of large senders of shops' texts.
// Each may be written in two words, in any case and with any punctuation.
var optOutWords = set(`
	stop stopall unsubscribe unsub cancel end quit revoke optout remove removeme halt cease desist ceaseanddesist terminate td unlist exit unenroll discontinue
	unsubscribeme unsubscribeall stoptexts stoptext stopsms stopmsg stopnow stopit stopme stopthis stoptexting stoptoend stop2end stop2quit stop2stop
	revoked unsubscribed unenrol unenrolme delist delistme unsubscription desubscribe
	arrete desabonnemoi cancelenme cancelarme salirme unsuscribirme retrait
	optmeout optingout optedout nomore nomoretexts nomoremessages nomoresms donottext donttext donotcontact donotmessage

	arret arreter arretez arretertout stopper stoppez desabonner desabonnement medesabonner sedesabonner desabonnez desabonnezmoi
	desinscrire desinscription desinscrivez desinscrivezmoi medesinscrire retirer retirezmoi supprimezmoi enlevezmoi annuler resilier fin

	alto basta bastaya pare parar paren parenya detener detente deten detengan detenganse baja darmedebaja dardebaja darbaja cancelar terminar finalizar
	salir desuscribir desuscribirme desuscribirse desuscribe desinscribir desinscribirme eliminar eliminarme borrarme nomas yanomas quitarme

	sair descadastrar abmelden abbestellen quitter effacer cessez cesser findesmessages findestextos dunglai stoppensie aufhoren стоп darsedebaja borrar desuscribame desuscribanme borrarminumero retirarminumero хватит 退订 退訂 停止 取消订阅 取消訂閱 停
`)

func set(words string) map[string]bool {
	all := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		all[word] = true
	}
	return all
}

// nearly reads one word of a carrier or of another sender's list that is
// decorated: "Stop!", "“STOP”", "un subscribe", "help pls". Whether the carrier
// saw it as its own is not known.
//
// Politeness may surround a word that can mean nothing else. "Please cancel" is
// left alone: it may be about an order. "Yes!" is too: a block that only the
// carrier can lift is not lifted by guessing.
func nearly(said utterance) (Meaning, bool) {
	core := said.core
	if core == "" || strings.Count(core, " ") > 3 {
		return Meaning{}, false
	}
	joined := strings.Map(latinLetter, core)
	if other := strings.ReplaceAll(core, " ", ""); optOutWords[other] {
		joined = other // of another alphabet
	}
	word := strings.ToUpper(joined)
	switch {
	case optOutWords[joined] && ambiguous[word]:
		if said.words != core || strings.Contains(core, " ") {
			return Meaning{}, false
		}
		return Meaning{Silence: Clear, Intent: Nothing, Word: word}, true
	case optOutWords[joined]:
		return Meaning{Silence: Clear, Intent: Nothing, Word: word}, true
	case slipped(core):
		return Meaning{Silence: Clear, Intent: Nothing, Word: "UNSUBSCRIBE"}, true
	case joined == core && misspelt(core):
		return Meaning{Silence: Clear, Intent: Nothing, Word: "STOP"}, true
	}
	if intent, ok := carrier[word]; ok && joined == core && word != "YES" {
		return Meaning{Intent: intent, Word: word}, true
	}
	return Meaning{}, false
}

// latinLetter drops what is no letter or digit, and reads a letter that looks
// like a Latin one as that: SТОР has three from Russian keyboards.
func latinLetter(r rune) rune {
	const like, latin = "асеорхтѕкнм", "aceopxtskhm"
	if r < utf8.RuneSelf {
		if wordLen(string(r)) == 0 {
			return -1
		}
		return r
	}
	if i := slices.Index([]rune(like), r); i >= 0 {
		return rune(latin[i])
	}
	return r
}

// nearStop are words of their own that are as near to STOP as a slip of the
// finger. Alone they may mean it.
const nearStop = `(?:shop|step|top|atop|stoop|stops|stow|slop|strop|sop|stob|stopped|stopping|stock)`

var english = set(`shop step top atop stoop stops stow slop strop sop stob stock stomp sto2p story store`)

// misspelt reports whether a word can only be STOP with one letter wrong, too
// many, missing or in another place.
func misspelt(word string) bool {
	const stop = "stop"
	if len(word) < 3 || len(word) > 5 || english[word] {
		return false
	}
	switch len(word) {
	case 5: // one too many
		for i := range word {
			if word[:i]+word[i+1:] == stop {
				return true
			}
		}
	case 4: // one wrong, or two in each other's place
		wrong := 0
		for i := range word {
			if word[i] != stop[i] {
				wrong++
			}
		}
		return wrong == 1 || word == "tsop" || word == "sotp" || word == "stpo"
	case 3: // one missing
		for i := range stop {
			if stop[:i]+stop[i+1:] == word {
				return true
			}
		}
	}
	return false
}
