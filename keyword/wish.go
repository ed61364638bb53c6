package keyword

// parcel is what a shopper waits for.
const parcel = `(?:orders?|packages?|box|parcel|shipment|delivery|stuff|items?|products?)`

// object is what can be skipped or delayed, and has to be the very next order:
// "next month" may be the one after, "orders" are many.
const object = `(?: (?:(?:my|the|this|that|our|a|an|one|this months?|this weeks?) )?(?:(?:very next|next|upcoming|coming|current|scheduled|subscription) )*(?:order|shipment|delivery|box|charge|package|renewal|payment|one|time)` +
	`| it| this| that| (?:my |the )?(?:next|upcoming)| (?:a|one|the|this) month| this week)?(?: (?:for )?(?:this month|this week|this time)| for now)?`

// somebody is who a shopper asks for when the automation won't do.
const somebody = `(?:agent|human|human being|person|people|representative|rep|operator|someone|somebody|support|customer (?:service|support|care)|manager|supervisor|staff|team member|service)`

var wishes = []struct {
	word string
	ways whole
}{
	{"skip", full(`(?:FRAME)?skip(?:OBJECT)`, `(?:FRAME)?(?:saltar|omitir)(?: (?:mi|el|la))?(?: proximo| proxima| siguiente)?(?: (?:pedido|orden|envio|caja))?`)},
	{"delay", full(`(?:FRAME)?(?:delay|postpone|push back|push out|hold off on|move back|put off)(?:OBJECT)`, `(?:FRAME)?push (?:my|the|this|our) (?:next |upcoming )?(?:order|shipment|delivery|box) (?:back|out)`)},
	{"swap", full(`(?:FRAME)?swap(?: out)?`, `(?:FRAME)?(?:swap|switch|change|substitute|trade)(?: out)?(?: (?:my|the|a|an|some|out))*(?: (?:products?|items?|flavou?rs?|scents?))(?: (?:in|on|for) (?:my|the) (?:next |upcoming )?(?:order|box|shipment|delivery|subscription))?`)},
	{"status", full(
		`(?:FRAME)?(?:(?:check|check on|get|give me|show me|see|know|have|send me|what is|any) )?(?:(?:my|the|an|a|any) )*(?:(?:order|shipping|delivery|shipment|package|tracking) )?(?:status|updates?|tracking|tracking number|tracking info|tracking link)(?: (?:of|on|for|about) (?:my|the|our) (?:last |latest |recent |next )?PARCEL)?`,
		`where (?:is|are) (?:my|the|our) (?:last |latest |recent )?PARCEL`,
		`(?:FRAME)?track (?:my|the|an|our)? ?PARCEL`,
		`(?:has|is|did|was) (?:my|the|our) (?:last |latest |recent )?PARCEL (?:been )?(?:ship|shipped|shipping|sent|sent out|arriving|coming|delivered|on its way|on the way|out for delivery)(?: yet| already| out)?`,
		`when (?:will|does|is|should) (?:my|the|our) (?:next |latest )?PARCEL (?:ship|shipping|arrive|arriving|coming|come|get here|be here|be delivered|be shipped|going out|due)`,
		`when (?:will|do|should|can) i (?:get|receive|expect) (?:my|the) PARCEL`,
		`donde esta mi (?:pedido|orden|paquete|envio)`,
	)},
}

// wish is the word of the default choice that somebody asks for in words, and
// for nothing else; "" if there is none.
func wish(core string) string {
	for _, w := range wishes {
		if w.ways.MatchString(core) {
			return w.word
		}
	}
	return ""
}

const (
	because = `(?: (?:because|bc|cause|cuz|since|due to|as i) .+)?`
	howTo   = `(?:how (?:do|can|could|would|should) i |how to )`

	// The subscription is most often ended by its name, but some end its orders.
	endingPlan   = `(?:cancel|stop|end|terminate|discontinue|quit|close|drop) (?:(?:my|the|our|this|all|both|of|any|entire|whole|current|monthly|weekly|recurring) )*(?:\w+ )?(?:subscriptions?|memberships?|plans?|autoship|auto ship|auto shipments?|auto renew|auto renewal|account)(?: (?:with|from) (?:you|you guys|your (?:store|company|shop)))?` + because
	endingOrders = `(?:cancel|stop|end|terminate|discontinue) (?:(?:my|the|our|all|of|any|future|monthly|weekly|recurring) )*(?:orders?|deliveries|delivery|shipments?|boxes)`
)

var (
	ending = full(
		`(?:FRAME)?`+endingPlan, howTo+endingPlan,
		`(?:FRAME)?`+endingOrders, howTo+endingOrders,
		`(?:FRAME)?(?:get|be) (?:out of|rid of) (?:my|the|this) subscription`,
		`(?:i )?(?:dont|do not|no longer) (?:want|need) (?:my|the|this|a|your) (?:subscription|membership)(?: anymore| any more)?`,
		`subscription cancel(?:lation)?`, `cancel(?:lation)? subscription`,
		`(?:quiero |necesito |deseo |favor de )?(?:cancelar|terminar) (?:mi |la |el )?(?:suscripcion|membresia|pedido|orden|plan)`,
	)
	// A text with these in it is about more than the end, or not about it.
	besides = within(`not`, `if`, `but`, `unless`, `until`, `instead`, `text`, `texts`, `sms`, `messages?`, `emails?`, `next`, `upcoming`, `skip`, `pause`, `delay`, `swap`, `change`, `refund`, `return`, `exchange`, `send`)
	// The loose form tells only whether more than texts is to end.
	anything = within(
		`(?:cancel|stop|end|terminate|discontinue|close|quit) (?:(?:my|the|our|this|these|all|any|of|future|next) )*(?:[a-z]+ )?(?:subscriptions?|memberships?|plans?|autoship|account|orders?|deliveries|delivery|shipments?|shipping|box|boxes)`,
		`cancel (?:everything|all|it|it all|me|this)`, `cancel$`, `refund`,
		`cancelar`,
	)
	aboutSMS = within(`TEXTS`)
)

// wantsEnd reports whether somebody asks to end the subscription, and nothing else.
func wantsEnd(said utterance) bool {
	return ending.MatchString(said.core) && !besides.MatchString(said.core)
}

// endsSomething reports whether a text that wants silence may also want the end
// of something that costs money.
func endsSomething(said utterance) bool {
	for _, clause := range said.clauses {
		if anything.MatchString(aboutSMS.ReplaceAllString(clause, "texts")) {
			return true
		}
	}
	return false
}

var (
	asking = within(`(?:talk|speak|chat|text|connect|connected|transfer|transferred|put me through|get through|reach|contact|get|need|want|is there|are there)(?: me| us)?(?: to| with| in touch with)?(?: (?:an|a|the|some|your|another))?(?: (?:live|real|actual|human))* SOMEBODY`,
		`(?:live|real|actual) (?:agent|human|person|representative|rep)`,
		`hablar con (?:un |una |el |la )?(?:persona|agente|alguien|humano|representante|operador)`)
	calling = full(
		`(?:an? |the |live |real |human )*SOMEBODY`, `live chat`, `(?:FRAME)?chat`,
		`(?:FRAME)?call me(?: back)?(?: (?:at|on|@))?(?: \d+)*`, `give me a call(?: back)?`,
		`(?:can|could|will|would|have) (?:someone|somebody|you|anyone|anybody)(?: there)? (?:call|phone|ring|contact|help|assist|email)(?: me| us)?(?: back| out)?`,
		`(?:i )?(?:really )?need (?:some )?(?:help|assistance|support)`, `help me`, `(?:is )?(?:anyone|anybody|someone|somebody) (?:there|here|available|around)`,
		`(?:is this|are you|am i (?:talking|texting|speaking) (?:to|with)|is it) (?:a |an )?(?:real |live )?(?:bot|robot|human|person|machine|ai|computer|automated)(?: or (?:a |an )?(?:real |live )?(?:bot|robot|human|person|machine|ai|computer))?`,
		`agente`, `persona`, `necesito ayuda`, `una persona`,
	)
	refusing = within(`dont`, `do not`, `not`, `never`, `no`, `didnt`, `already`, `yesterday`)
)

// wantsPerson may be found within more: whoever reads it is who was asked for.
func wantsPerson(said utterance) bool {
	return calling.MatchString(said.core) || asking.MatchString(said.core) && !refusing.MatchString(said.core)
}
