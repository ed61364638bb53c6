package keyword

// A verdict is how certain a reading is.
type verdict int

const (
	no verdict = iota
	unsure
	yes
)

// texts is what a shopper calls what we send.
const texts = `(?:(?:text|sms|message|messaging) (?:messages|subscription|subscriptions|alerts|updates|notifications|reminders|list|club|program)|texts|messages|sms|mms|messaging|notifications|alerts|spam|promos|promotions|ads|reminders|text message)`

// Wishes for silence that leave no doubt, within one clause.
// (47 CFR 64.1200(a)(10): any wording that a reasonable person reads so.)
var silent = within(
	`(?:stop|quit|cease|no more|end|cancel|turn off|shut off|halt) (?:(?:all|these|those|the|this|that|your|any|my|more|of|with|sending|sending me|to me|me|getting|receiving|annoying|constant|random|marketing|promotional|automated|automatic|stupid|damn|fucking|further|future|daily|weekly) )*TEXTS`,
	`(?:stop|quit|cease|no more|dont keep|do not keep) (?:fucking |freaking |damn |constantly )*(?:texting|messaging|smsing|spamming|contacting|bothering|harassing|annoying|pestering|bugging)`,
	`(?:stop|quit) (?:text|message|contact|bother|spam|harass) me`,
	`(?:dont|do not|not to) (?:ever |want you to |want you |wish you to |keep )*(?:text|message|sms|contact|spam|bother|texting|messaging|contacting) (?:me|us|this number|this phone|my phone|my number|here|again|anymore|ever)`,
	`(?:dont|do not) (?:text|message|contact|disturb)$`,
	`never (?:text|message|contact)(?: me| us| this number)? (?:again|anymore|ever again)`,
	`(?:can|could|will|would) you (?:not|stop) (?:text|message|contact) (?:me|us)`,
	`(?:dont|do not|no longer) (?:want|wish|need|like|care for|care to|send|keep sending)(?: (?:to|you|me|us|get|receive|be|have|see|getting|receiving|sending|any|more|anymore|these|those|your|the|this|all|of|marketing|promotional|automated|further|such|from))* TEXTS`,
	`(?:take|get|pull) (?:me|us|this number|my (?:phone |cell )?(?:number|phone|cell)) off`,
	`off (?:of )?(?:your|the|this|ur) (?:text |texting |mailing |sms |contact |call )?list`,
	`do not call list`, `leave (?:me|us) alone`, `lose (?:my|this) number`,
	`(?:revoke|withdraw|rescind|retract) (?:my |all |any )*(?:consent|permission|authorization)`, `i revoke`,
	`fuck off`, `piss off`,

	`no (?:me|nos) (?:vuelvan? a |vuelvas a |sigan? )?(?:escriba[ns]?|escribir|escribiendo|texte(?:e[ns]?|ando)|contacte[ns]?|contactar|moleste[ns]?|molestar)`,
	`no (?:me|nos) (?:envie[ns]?|mande[ns]?)(?: mas)?(?: (?:mensajes?|textos?|sms|notificaciones)|$)`,
	`(?:deja|deje|dejen|dejar) de (?:escribir|molestar|textear|contactar|mensajear)(?:me|nos)?`,
	`(?:deja|deje|dejen|dejar) de (?:enviar|mandar)(?:me|nos)?(?: mas| estos| sus| tantos)* (?:mensajes?|textos?|sms|notificaciones)`,
	`no (?:quiero|deseo)(?: recibir| mas| sus| estos| los)* (?:mensajes?|textos?|sms)`, `no mas (?:mensajes?|textos?|sms)`,
	`no (?:quiero|deseo) que me (?:escriban|contacten|texteen)`,
	`(?:dejame|dejenme|dejeme) en paz`,
)

// Wishes to be taken out of something, which may be a subscription too.
var leaving = within(
	`unsubscribe`, `unsub`, `opt (?:me |us )?out`, `opting out`, `optout`,
	`(?:remove|delete|erase|scratch) (?:me|us|this (?:phone |cell )?number|my (?:phone |cell |mobile )?(?:number|phone|cell))`,
	`(?:quitenme|quiteme|quitame|borrenme|borreme|borrame|saquenme|saqueme|sacame|eliminenme|elimineme|eliminame)`,
	`(?:quiten|quita|borren|borra|eliminen|elimina) mi (?:numero|telefono|celular)`,
	`(?:darme|denme|deme|dame|dar) de baja`, `desuscrib(?:ir|irme|eme|anme)`,
)

// Clauses that say nothing but stop.
var stop = full(
	`(?:(?:i said|i say|i told you to|told you to|i asked you to|i want you to|you need to|you have to|you must|you guys|can you|could you|will you|would you|make it|make this|for the last time|omg) )*`+
		`(?:stop|stopall)(?: (?:stop|stopall|all|it|this|that|already|me|texts?|sms|for good|forever))*`,
	`go away`, `f off`, `get lost`, `buzz off`, `no more`, `arret`, `arreter`, `arretez`, `desabonner`,
	`alto`, `pare`, `paren`, `parar`, `basta(?: ya)?`, `detener`, `detente`, `detengan(?:se)?`, `baja`, `(?:ya )?no mas`,
)

// Texts that came to the wrong phone. The whole text has to say so: "I gave you
// the wrong number" is about something else.
var astray = full(`(?:(?:sorry|im sorry|i think|think|you have|you have got|youve got|you got|got|this is|its|you texted) )*(?:the |a )?wrong (?:number|person|phone)(?: stop)?`,
	`numero equivocado`)

// What turns a wish for silence into something that a person has to weigh.
var (
	doubt = within(
		`(?:dont|do not|never|didnt|did not|not) (?:ever |want (?:you )?to |mean to |actually )*(?:stop|quit|unsubscribe|opt (?:me )?out|remove me|take me off|end|cancel)`,
		`(?:did|have|has|will) (?:i|you|it|they|we) (?:\w+ )?(?:stop|unsubscribe|opt (?:me )?out) `, `(?:did|have) (?:i|you) (?:\w+ )?(?:unsubscribe|opt out)`, `why did you`,
		`accident`, `accidentally`, `mistake`, `mistakenly`, `resubscribe`,
		`until`, `till`, `unless`, `before`, `after`, `between`, `during`, `while`, `so (?:early|late|often|much|many)`, `as (?:often|much|many)`, `too (?:often|much|many)`,
		`this (?:early|late)`, `at night`, `at work`, `every (?:day|week|hour)`, `times`, `by (?:phone|call|mail|email)`, `on (?:weekends?|sundays?)`,
		`about this order`, `(?:you|they) (?:dont|never|do not) (?:text|message|contact|send)`,
	)
	threat    = anywhere([]string{`(?:if|unless) you (?:dont|do not) `}, ``)
	replacing = within(`use`, `replace`, `update`, `add`, `change`, `new (?:number|phone)`, `instead`)
	commerce  = within(`subscriptions?`, `plans?`, `memberships?`, `autoship`, `auto ship`, `orders?`, `box`, `boxes`, `delivery`, `deliveries`, `shipments?`,
		`products?`, `items?`, `suscripcion`, `pedidos?`, `account`, `e ?mails?`)
	aboutTexts = within(`text`, `texting`, `list`, `TEXTS`)
)

// wantsSilence looks for the wish not to be texted, clause by clause. What is
// certain in one of them outweighs what is doubtful in another.
func wantsSilence(said utterance) verdict {
	if astray.MatchString(said.core) {
		return yes
	}
	found := no
	for _, clause := range said.clauses {
		found = max(found, silenceIn(clause))
	}
	return found
}

func silenceIn(clause string) verdict {
	clause = threat.ReplaceAllString(clause, "") // "if you don't stop texting me …"
	leaves := leaving.MatchString(clause)
	switch {
	case stop.MatchString(clause):
		return yes
	case !leaves && !silent.MatchString(clause):
		return no
	case doubt.MatchString(clause):
		return unsure
	case !leaves:
		return yes
	case replacing.MatchString(clause), commerce.MatchString(clause) && !aboutTexts.MatchString(clause):
		return unsure
	}
	return yes
}
