package keyword

import "sidetext/keyword/phrase"

// parcel matches what a shopper waits for.
const parcel = `(?:orders?|packages?|box|parcel|shipment|delivery|stuff|items?|products?)`

// object matches what can be skipped or delayed. It has to be the very next order:
// "next month" may be a later one, "orders" are several.
const object = `(?: (?:(?:my|the|this|that|our|a|an|one|this months?|this weeks?) )?(?:(?:very next|next|upcoming|coming|current|scheduled|subscription) )*(?:order|shipment|delivery|box|charge|package|renewal|payment|one|time)` +
	`| it| this| that| (?:my |the )?(?:next|upcoming)| (?:a|one|the|this) month| this week)?(?: (?:for )?(?:this month|this week|this time)| for now)?`

// agent matches the person that a shopper asks for.
const agent = `(?:agent|human|human being|person|people|representative|rep|operator|someone|somebody|support|customer (?:service|support|care)|manager|supervisor|staff|team member|service)`

// changeWishes are the changes of an order that are understood in words.
var changeWishes = []struct {
	word    string
	pattern phrase.Exact
}{
	{"change", expr.Exact(`(?:FRAME)?(?:change|modify|edit|update) (?:(?:an|my|the) )?(?:order or subscription|subscription|order or my subscription)`,
		`(?:quiero |necesito |quisiera )?(?:cambiar|modificar|pausar) (?:mi |la |el )?(?:suscripcion|plan)`, `(?:je (?:veux|voudrais) |jaimerais )?(?:changer|modifier|suspendre) (?:mon |l)?abonnement`)},
	{"skip", expr.Exact(`(?:FRAME)?skip(?:OBJECT)`, `(?:je (?:veux|voudrais) |jaimerais )?(?:sauter|passer|annuler) (?:ma|la|mon|le) prochaine?(?: (?:commande|livraison|boite|envoi))?`, `(?:FRAME)?(?:saltar|omitir)(?: (?:mi|el|la))?(?: proximo| proxima| siguiente)?(?: (?:pedido|orden|envio|caja))?`)},
	{"delay", expr.Exact(`(?:FRAME)?(?:delay|postpone|push back|push out|hold off on|move back|put off)(?:OBJECT)`, `(?:FRAME)?push (?:my|the|this|our) (?:next |upcoming )?(?:order|shipment|delivery|box) (?:back|out)`)},
	{"swap", expr.Exact(`(?:FRAME)?swap(?: out)?`, `(?:FRAME)?(?:swap|switch|change|substitute|trade)(?: out)?(?: (?:my|the|a|an|some|out))*(?: (?:products?|items?|flavou?rs?|scents?))(?: (?:in|on|for) (?:my|the) (?:next |upcoming )?(?:order|box|shipment|delivery|subscription))?`)},
	{"status", expr.Exact(
		`(?:FRAME)?(?:(?:check|check on|get|give me|show me|see|know|have|send me|what is|any) )?(?:(?:my|the|an|a|any) )*(?:(?:order|shipping|delivery|shipment|package|tracking) )?(?:status|updates?|tracking|tracking number|tracking info|tracking link)(?: (?:of|on|for|about) (?:my|the|our) (?:last |latest |recent |next )?PARCEL)?`,
		`where (?:is|are) (?:my|the|our) (?:last |latest |recent )?PARCEL`,
		`(?:FRAME)?track (?:my|the|an|our)? ?PARCEL`,
		`(?:has|is|did|was) (?:my|the|our) (?:last |latest |recent )?PARCEL (?:been )?(?:ship|shipped|shipping|sent|sent out|arriving|coming|delivered|on its way|on the way|out for delivery)(?: yet| already| out)?`,
		`when (?:will|does|is|should) (?:my|the|our) (?:next |latest )?PARCEL (?:ship|shipping|arrive|arriving|coming|come|get here|be here|be delivered|be shipped|going out|due)`,
		`when (?:will|do|should|can) i (?:get|receive|expect) (?:my|the) PARCEL`,
		`donde esta(?:n)? (?:mi|mis|el|la) (?:pedidos?|orden|ordenes|paquetes?|envio|caja|compra)`, `(?:cuando|ya) (?:llega|llegara|va a llegar|sale|salio|enviaron|mandaron) (?:mi|el) (?:pedido|orden|paquete|envio|caja)`, `(?:estado|estatus|rastrear|rastreo|seguimiento)(?: de| del)?(?: (?:mi|el|la))? (?:pedido|orden|paquete|envio)`, `no (?:ha llegado|me ha llegado|me llego|llego|he recibido) (?:mi|el) (?:pedido|orden|paquete|envio|caja)`,
		`ou (?:est|sont|en est) (?:ma|mon|mes|la|le) (?:commandes?|colis|livraison|boite|paquet)`, `(?:suivi|statut|etat)(?: (?:de|du))?(?: (?:ma|mon|la|le))? (?:commande|colis|livraison)`, `quand (?:vais je recevoir|arrive|arrivera|est ce que je recois|recevrai je|sera livree?) (?:ma|mon) ?(?:commande|colis|livraison|boite)?`, `(?:je )?(?:nai|nai toujours) pas (?:encore )?recu (?:ma|mon) (?:commande|colis|livraison|boite)`,
	)},
}

// requestedChange returns the word of the choice that a text asks for in words, if it
// asks for nothing else, or "".
func requestedChange(core string) string {
	for _, w := range changeWishes {
		if w.pattern.MatchString(core) {
			return w.word
		}
	}
	return ""
}

const (
	becausePart = `(?: (?:because|bc|cause|cuz|since|due to|as i) .+)?`
	howTo       = `(?:how (?:do|can|could|would|should) i |how to )`

	// Most shoppers name the subscription, but some end its orders. These have to be
	// several, since one may be a single order.
	endingPlan   = `(?:cancel|stop|end|terminate|discontinue|quit|close|drop|delete|deactivate|leave|remove|shut down|turn off|kill) (?:(?:my|the|our|this|all|both|of|any|entire|whole|current|monthly|weekly|recurring|your) )*(?:\w+ )?(?:subscriptions?|subs?|memberships?|plans?|autoship|auto ships?|auto shipments?|auto renew(?:al)?|autorenew(?:al)?|subscribe (?:and|&) save|account|club|standing order|trial|(?:monthly|weekly|recurring|regular|repeat) (?:\w+ )?(?:box|order|delivery|shipment))(?: (?:with|from) (?:you|you guys|your (?:store|company|shop)))?` + becausePart
	endingOrders = `(?:cancel|stop|end|terminate|discontinue|no more) (?:(?:my|the|our|all|of|any|future|more|further|monthly|weekly|recurring|upcoming|receiving|getting|sending|sending me|shipping) )*(?:orders|deliveries|shipments|boxes|bags|autoships|renewals)`
)

var (
	endsSubscription = expr.Exact(
		`(?:FRAME)?`+endingPlan, howTo+endingPlan,
		`(?:FRAME)?`+endingOrders, howTo+endingOrders,
		`(?:FRAME)?(?:stop|cancel|end) (?:my|our|the) (?:monthly|weekly|recurring|regular|automatic) (?:\w+ )?(?:coffee|tea|wine|food|vitamins|pods|beans|snacks?|meals?|supplements|flowers|cheese|beer)`,
		`(?:FRAME)?(?:get|be) (?:out of|rid of) (?:my|the|this) (?:subscription|plan|membership|club)`, `(?:i )?want out of (?:my|the|this) (?:\w+ )?(?:subscription|plan|membership|club|box)`,
		`(?:i )?(?:dont|do not|no longer) (?:want|need) (?:(?:my|the|this|a|your|any|more|to|be|have|in|getting|get|receive|receiving) )*(?:subscriptions?|memberships?|boxes|deliveries|shipments|bags|autoship)(?: anymore| any more)?`,
		`(?:dont|do not) (?:send|ship) (?:me )?any ?more (?:boxes|orders|deliveries|shipments|bags|coffee|stuff)(?: anymore)?`,
		`(?:please )?(?:dont|do not) (?:auto )?renew(?: (?:my|the) (?:\w+ )?(?:subscription|plan|membership))?`, `(?:im |i am |were )?not renewing.*`, `(?:i )?(?:dont|do not) want to renew.*`,
		`(?:arretez|cessez|arreter) de (?:me )?(?:charger|facturer|livrer|prelever|renouveler)(?: .*)?`, `(?:deje[ns]?|paren) de (?:cobrar(?:me)?|enviarme cafe|mandarme cafe)`, `(?:FRAME)?(?:take|get|remove|drop|pull) (?:me|us) (?:off|from|out of)(?: of)? (?:DET )*(?:GOODS)`,
		`subscription cancel(?:lation)?`, `cancel(?:lation)? subscription`,
		`(?:quiero |quisiera |necesito |deseo |favor de |como )?(?:cancelar?|cancelen|cancele|terminar|terminen|suspender|dar de baja|eliminar)(?: (?:mi|la|el|mis|a|todas|las))* (?:suscripcion(?:es)?|membresia|plan|subscripcion|cuenta|autoenvio|envios automaticos)`, `(?:quiero |necesito |deseo )?(?:darme de baja|salir|desuscribirme) de (?:la|mi|el) (?:suscripcion|membresia|plan|club)`,
		`(?:ya )?no quiero (?:mas )?(?:la |mi |esta )?(?:suscripcion|membresia|cajas|pedidos|envios)(?: mas)?`,
		`(?:(?:je (?:veux|voudrais|souhaite|desire)|jaimerais|comment|veuillez|puis je|pouvez vous|svp) )?(?:annule[rz]?|resilie[rz]?|arrete[rz]?|cancelle[rz]?|canceler|terminer?|mettre fin a|mettez fin a|stopper|me desabonner de|me desinscrire de)(?: (?:mon|ma|mes|a|de|l|le|la))* ?(?:l)?(?:abonnements?|adhesion|plan|forfait|compte|renouvellement automatique|club)`,
		`(?:je )?ne veux plus (?:de |d |de mon |recevoir |mon |recevoir de |recevoir la |l)*(?:abonnement|commandes|boites|cafe|livraisons)`,
	)
	// notOnlyEnd matches texts about something else, or about more.
	notOnlyEnd = expr.Anywhere(`not`, `if`, `but`, `unless`, `until`, `instead`, `text`, `texts`, `sms`, `messages?`, `emails?`, `next`, `skip`, `pause`, `delay`, `swap`, `change`, `refund`, `return`, `exchange`, `send me`)
)

// wantsEnd reports whether a shopper asks to end the subscription, and nothing else.
func wantsEnd(u utterance) bool {
	return endsSubscription.MatchString(u.core) && !notOnlyEnd.MatchString(u.core)
}

var (
	asksForPerson = expr.Anywhere(`(?:talk|speak|chat|text|connect|connected|transfer|transferred|put me through|get through|reach|contact|get|need|want|is there|are there)(?: me| us)?(?: to| with| in touch with)?(?: (?:an|a|the|some|your|another))?(?: (?:live|real|actual|human))* AGENT`,
		`(?:live|real|actual) (?:agent|human|person|representative|rep)`,
		`(?:hablar|comunicarme|chatear) con (?:un |una |el |la )?(?:persona|agente|alguien|humano|representante|operador|gerente|ser humano|servicio)`,
		`(?:parler|discuter|communiquer) (?:a|avec) (?:un |une |le |la |quelqu )?(?:vraie )?(?:personne|agent|humain|quelquun|representant|conseiller|service|gerant|etre humain|responsable)`)
	callsPerson = expr.Exact(
		`(?:an? |the |live |real |human )*AGENT`, `live chat`, `(?:FRAME)?chat`,
		`(?:FRAME)?call me(?: back)?(?: (?:at|on|@))?(?: \d+)*`, `give me a call(?: back)?`,
		`(?:can|could|will|would|have) (?:someone|somebody|you|anyone|anybody)(?: there)? (?:call|phone|ring|contact|help|assist|email)(?: me| us)?(?: back| out)?`,
		`(?:i )?(?:really )?need (?:some )?(?:help|assistance|support)`, `help me`, `(?:is )?(?:anyone|anybody|someone|somebody) (?:there|here|available|around)`,
		`(?:is this|are you|am i (?:talking|texting|speaking) (?:to|with)|is it) (?:a |an )?(?:real |live )?(?:bot|robot|human|person|machine|ai|computer|automated)(?: or (?:a |an )?(?:real |live )?(?:bot|robot|human|person|machine|ai|computer))?`,
		`agente`, `persona`, `(?:necesito|quiero) (?:ayuda|un agente|un humano|una persona)`, `(?:un|una) (?:persona|humano|agente|representante)`, `ayuda`, `(?:pueden?|podrian?) (?:llamarme|ayudarme)`, `llamame`, `llamenme`, `servicio al cliente`, `atencion al cliente`,
		`(?:une? )?(?:personne|agent|humain|representante?|conseiller)`, `(?:jai|nous avons) besoin d ?aide`, `service (?:a la )?client(?:ele)?`, `(?:pouvez vous )?(?:mappeler|mappelez|appelez moi|rappelez moi|maider)`, `aidez moi`,
	)
	negation = expr.Anywhere(`dont`, `do not`, `not`, `never`, `no`, `didnt`, `already`, `yesterday`)
)

// wantsPerson reports whether a shopper asks for a person. The text may say more,
// since a person will read it.
func wantsPerson(u utterance) bool {
	return callsPerson.MatchString(u.core) || asksForPerson.MatchString(u.core) && !negation.MatchString(u.core)
}
