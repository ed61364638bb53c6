package keyword

import (
	"slices"
	"strings"
	"unicode/utf8"

	"sidetext/keyword/phrase"
)

// carrierWords are the words that carriers act on by themselves, as Twilio does by
// default (Twilio, "Support for opt-out keywords").
var carrierWords = map[string]Intent{
	"STOP": Nothing, "STOPALL": Nothing, "UNSUBSCRIBE": Nothing, "CANCEL": Nothing,
	"END": Nothing, "QUIT": Nothing, "REVOKE": Nothing, "OPTOUT": Nothing,
	"START": StartTexts, "UNSTOP": StartTexts, "YES": StartTexts,
	"HELP": CarrierHelp, "INFO": CarrierHelp,
}

// readCarrierWord reads a text that is a carrier word and nothing else.
func readCarrierWord(text string, s State) (Meaning, bool) {
	word := strings.Map(func(r rune) rune { // not ToUpper, which would take ſ for S
		if r >= 'a' && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, strings.TrimSpace(text))
	intent, ok := carrierWords[word]
	if !ok || word == "YES" && (!s.OptedOut || s.InWords) {
		return Meaning{}, false // YES lifts a block by the carrier, and there is none
	}
	m := Meaning{Intent: intent, Exact: true, Word: word}
	if intent == Nothing {
		m.Silence = Clear
	}
	return m, true
}

// ambiguousWords are opt-out words with which shoppers often mean their subscription.
var ambiguousWords = map[string]bool{
	"CANCEL": true, "END": true, "QUIT": true, "TERMINATE": true, "DISCONTINUE": true,
	"CANCELAR": true, "TERMINAR": true, "FINALIZAR": true, "ANNULER": true, "RESILIER": true, "FIN": true,
}

// optOutWords are texts that some provider or sender documents as opt-outs, without
// spaces: Twilio, the toll-free network and AWS ("REMOVE", "TD", "ARRET"), Telnyx
// and Bandwidth ("STOP ALL"), and large senders of marketing texts. Each may be
// written in two words, in any case and with any punctuation.
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

// readDecoratedWord reads a carrier or opt-out word with something around it:
// "Stop!", "“STOP”", "un subscribe", "help pls". It is not known whether the carrier
// has acted on such a text.
//
// Politeness may surround a word that has one meaning only. "Please cancel" is not
// read here, because it may be about an order. Neither is "Yes!": it may not lift a
// block that only the carrier can lift.
func readDecoratedWord(u utterance) (Meaning, bool) {
	core := u.core
	if core == "" || strings.Count(core, " ") > 3 {
		return Meaning{}, false
	}
	joined := strings.Map(latinLetter, core)
	if other := strings.ReplaceAll(core, " ", ""); optOutWords[other] {
		joined = other // written in another alphabet
	}
	word := strings.ToUpper(joined)
	switch {
	case optOutWords[joined] && ambiguousWords[word]:
		if u.words != core || strings.Contains(core, " ") {
			return Meaning{}, false
		}
		return Meaning{Silence: Clear, Intent: Nothing, Word: word}, true
	case optOutWords[joined]:
		return Meaning{Silence: Clear, Intent: Nothing, Word: word}, true
	case isMisspelledOptOut(core):
		return Meaning{Silence: Clear, Intent: Nothing, Word: "UNSUBSCRIBE"}, true
	case joined == core && isMisspelledStop(core):
		return Meaning{Silence: Clear, Intent: Nothing, Word: "STOP"}, true
	}
	if intent, ok := carrierWords[word]; ok && joined == core && word != "YES" {
		return Meaning{Intent: intent, Word: word}, true
	}
	return Meaning{}, false
}

// latinLetter drops ASCII characters that are no letters or digits, and replaces
// Cyrillic letters that look like Latin ones: SТОР has three of them.
func latinLetter(r rune) rune {
	const cyrillic, latin = "асеорхтѕкнм", "aceopxtskhm"
	if r < utf8.RuneSelf {
		if phrase.WordLen(string(r)) == 0 {
			return -1
		}
		return r
	}
	if i := slices.Index([]rune(cyrillic), r); i >= 0 {
		return rune(latin[i])
	}
	return r
}
