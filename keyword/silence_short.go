package keyword

import "strings"

// shortWishes are verbs and their objects. A verb and an object of one line, in any
// order and with nothing but fillers beside them, are a clear wish for silence.
var shortWishes = []struct{ verbs, objects map[string]bool }{
	{set(`remove delete erase scrub wipe purge clear drop block blacklist suppress delist unlist forget lose cancel deactivate unenroll unregister disconnect`), set(`number numbers`)},
	{set(`remove delete erase scrub purge block blacklist suppress delist unlist unenroll unenrol unregister`), set(`me us`)},
	{set(`remove delete erase scrub leave exit quit unjoin drop`), set(`list lists`)},
	{set(`refuse reject decline block mute silence disable disallow stop end cease`), set(`text texts messages sms notifications texting messaging alerts spam ads promos`)},
	{set(`no zero`), set(`text texts message messages sms texting messaging ads promos spam marketing promotions promotional solicitation solicitations soliciting solicitors`)},
	{set(`removed deleted erased scrubbed unlisted delisted`), set(`number numbers`)},
	{set(`off`), set(`sms texts messages notifications`)},
	{set(`revoke revoked revoking withdraw withdrawn rescind rescinded`), set(`consent permission authorization authorisation approval`)},

	{set(`detener detengan detenga parar paren pare cancelar cancelen cancele anular anulen bloquear bloqueen suspender suspendan cesar rechazar quitar quiten eliminar eliminen`), set(`mensajes mensaje textos texto sms notificaciones`)},
	{set(`borrar borren borre eliminar eliminen elimine quitar quiten quite retirar retiren retire sacar saquen saque cancelar cancelen salir salirme bloquear`), set(`numero lista listas`)},
	{set(`recibir recibo acepto aceptar mandar enviar manden envien mande envie autorizo`), set(`no`)},
	{set(`textear textees texteen mensajear`), set(`no`)},
	{set(`arreter arretez arrete cesser cessez cesse finir finissez terminer terminez bloquer bloquez refuser refuse annuler annulez supprimer supprimez annulation fin`), set(`textos texto messages message sms envois notifications alertes`)},
	{set(`supprimer supprimez effacer effacez enlever enlevez retirer retirez bloquer bloquez quitter`), set(`numero liste listes`)},
}

// shortFillers are the words that may stand beside a verb and its object.
var shortFillers = set(`please my the your our this that these those all any of from to off out a an phone cell mobile contact contacts i im want would like have more further at here receive get system database records texts messages me us on for in marketing text and prior
	mensajes textos numero sms de la el los las mi mis su sus este esta estos mas a que me le les mon ma ce cette ces vos votre du des d l mes tous toutes ya ca`)

const maxShortWords = 8

// A wordRole has a bit for each line of shortWishes in which a word is a verb or an
// object.
type wordRole struct{ verb, object uint }

var shortRoles = func() map[string]wordRole {
	all := map[string]wordRole{}
	for word := range shortFillers {
		all[word] = wordRole{}
	}
	for i, b := range shortWishes {
		for word := range b.verbs {
			r := all[word]
			r.verb |= 1 << i
			all[word] = r
		}
		for word := range b.objects {
			r := all[word]
			r.object |= 1 << i
			all[word] = r
		}
	}
	return all
}()

// isShortWish reports whether a few words are a clear wish for silence.
func isShortWish(core string) bool {
	if spaces := strings.Count(core, " "); spaces == 0 || spaces >= maxShortWords {
		return false
	}
	var verb, object uint
	lines := ^uint(0) // in which every word has a role
	for word := range strings.FieldsSeq(core) {
		r, known := shortRoles[word]
		if !known {
			return false
		}
		verb, object = verb|r.verb, object|r.object
		if !shortFillers[word] {
			lines &= r.verb | r.object
		}
	}
	return lines&verb&object != 0
}
