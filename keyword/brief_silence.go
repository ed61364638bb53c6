package keyword

import "strings"

// briefs are verbs and what they are said of: any of the one with any of the
// other, and nothing else but fillers, is a clear wish for silence.
var briefs = []struct{ verbs, objects map[string]bool }{
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

// briefFillers may stand beside them.
var briefFillers = set(`please my the your our this that these those all any of from to off out a an phone cell mobile contact contacts i im want would like have more further at here receive get system database records texts messages me us on for in marketing text and prior
	mensajes textos numero sms de la el los las mi mis su sus este esta estos mas a que me le les mon ma ce cette ces vos votre du des d l mes tous toutes ya ca`)

const briefLen = 8 // words, at most

// A role says in which of briefs a word is a verb and in which an object, a bit
// for each of them.
type role struct{ verb, object uint }

var briefRoles = func() map[string]role {
	all := map[string]role{}
	for word := range briefFillers {
		all[word] = role{}
	}
	for i, b := range briefs {
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

// brief reports whether few words are a clear wish for silence.
func brief(core string) bool {
	if spaces := strings.Count(core, " "); spaces == 0 || spaces >= briefLen {
		return false
	}
	var verb, object uint
	may := ^uint(0)
	for word := range strings.FieldsSeq(core) {
		r, known := briefRoles[word]
		if !known {
			return false
		}
		verb, object = verb|r.verb, object|r.object
		if !briefFillers[word] {
			may &= r.verb | r.object
		}
	}
	return may&verb&object != 0
}

// mistyped are opt-out words so long that no other word is one slip away.
var mistyped = strings.Fields(`unsubscribe unsubscribeme optout optmeout stoptexting desuscribir desuscribirme desabonner`)

// slipped reports whether a text of at most three words is an opt-out word with
// one letter wrong, missing, too many, or in another's place.
func slipped(core string) bool {
	if strings.Count(core, " ") > 2 {
		return false
	}
	joined := strings.ReplaceAll(core, " ", "")
	const shortest = len("optout") - 1
	if len(joined) < shortest {
		return false
	}
	for _, word := range mistyped {
		if joined != word && oneSlip(joined, word) {
			return true
		}
	}
	return false
}

func oneSlip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	return i == len(a) || a[i+1:] == b[i+1:] || i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}
