package keyword

import "slices"

// texts matches what shoppers call the texts that the shop sends.
const texts = `(?:(?:text|sms|message|messaging|txt) (?:messages|message|subscription|subscriptions|alerts|updates|notifications|reminders|list|lists|club|program|thread|service)|texts?|messages?|sms|mms|messaging|notifications?|alerts?|spam|promos?|promotions|ads|reminders?|robotexts?|msgs|` +
	`mensajes?|textos?|notificaciones|avisos|alertas|messages? textes?|textos?|sms|notifications|alertes|rappels|pourriels?)`

// goods matches what costs money. To stop it is no wish for silence.
const goods = `(?:subscriptions?|subs?|plans?|memberships?|autoship|auto ships?|auto shipments?|auto renew(?:al)?|autorenew(?:al)?|renewals?|subscribe (?:and|&) save|orders?|box|boxes|bags?|packages?|parcels?|deliver(?:y|ies)|shipments?|shipping|products?|items?|refills?|` +
	`(?:coffee|tea|wine|book|snack|meal|dog|cat|pet|beauty|beer|cheese|flower|vitamin|monthly|weekly|supper|breakfast|roasters?) (?:club|box|program|of the month)|club|` +
	`coffees?|tea|beans|decaf|roast|dog food|cat food|food|vitamins|supplements|pods|samples?|stuff|charges?|billing|payments?|` +
	`suscripcion(?:es)?|membresia|pedidos?|ordenes|envios?|entregas?|cajas?|paquetes?|cafe|abonnements?|labonnement|commandes?|livraisons?|boites?|colis|cafe|envois?|adhesion|ladhesion|renouvellement(?: automatique)?|le renouvellement)`

const determiners = `(?:the|my|our|your|this|these|that|those|all|any|of|both|more|a|an|future|next|upcoming|further|other|entire|whole|current|monthly|weekly|recurring|automatic|mi|mis|la|las|el|los|su|sus|ma|mes|mon|les|le|des|du|de|votre|vos|toutes|todos|todas|mas)`

// Clear wishes for silence within one part of a clause.
// (47 CFR 64.1200(a)(10): any wording that a reasonable person reads so.)
var englishSilence = []string{
	`(?:stop|quit|cease|no more|end|cancel|turn off|shut off|halt|kill|cut|enough with|enough of|discontinue|drop|mute|silence|block|terminate|disable|deactivate|arrete|give it a rest with|done with|want out of|out of) (?:(?:all|these|those|the|this|that|your|any|my|more|of|with|w|out|sending|sending me|sending us|sending out|to me|to us|me|us|getting|receiving|annoying|constant|random|subscription|order|shipping|delivery|cart|sales|marketing|promotional|automated|automatic|auto|robo|unwanted|unsolicited|stupid|dumb|damn|dang|freaking|fucking|f ing|bloody|further|future|daily|weekly|other|kinds|types|sorts|so many|ur|related|such) )*(?:TEXTS|texting)`,
	`(?:stop|quit|cease|no more|dont keep|do not keep|enough) (?:fucking |freaking |damn |constantly |always |all |this |the |with |trying to |attempting to )*(?:texting|text|messaging|smsing|spamming|contacting|bothering|harassing|annoying|pestering|bugging|hounding|stalking|bombarding|blasting|blowing up|pinging|notifying|soliciting|disturbing|hitting me up|hitting up|writing me|writing to me|talking to me|reaching out|flooding|badgering|marketing|reminding|advertising|promoting|harrassing|txting|annoying)`,
	`(?:stop|quit) (?:to )?(?:text|texts|message|msg|contact|bother|spam|harass|disturb|write) (?:me|us)`, `(?:stop|quit|no) (?:more )?(?:contact|contacting|communications?)`,
	`(?:stop|quit) sending (?:me |us )?(?:(?:this|these|that|those|the|your|any|more|all) )*(?:crap|shit|garbage|junk|trash|bs|bullshit|links?|offers?|deals|coupons|updates|codes|nonsense|ones|these|those|this)?$`,
	`(?:dont|do not|not to|never) (?:ever |want (?:you |u |yall )?to |wish (?:you )?to |need (?:you )?to |please |keep |be )*(?:text|txt|message|msg|sms|contact|spam|bother|texting|messaging|contacting|write to|writing to|reach out to|disturb) (?:me|us|this number|this phone|this cell|my phone|my number|my cell|it|here|again|anymore|any more|ever|back|at this|to this)`,
	`(?:dont|do not|never) (?:text|txt|message|contact|msg|send (?:me |us )?(?:any(?:thing)?|more|anymore|nothing) ?(?:else|more|again|anymore)?)$`, `(?:dont|do not|never) (?:ever )?send (?:me |us |her |him |them )?(?:anything|any ?more|nothing|something)(?: (?:else|more|again|anymore|ever))*(?: (?:on|to|at) (?:here|this number|this phone|me))*(?: again| anymore)?$`, `(?:dont|do not) send (?:me |us )?(?:these|those)$`, `(?:dont|do not|never) (?:reach out|get in touch|get in contact)`, `(?:rather|prefer) not (?:to )?(?:be )?(?:get|receive|have|getting|receiving|texted)(?: (?:the|any|your|these|more))* ?(?:TEXTS)?`, `(?:way|how) to not (?:get|receive)(?: (?:the|any|your|these|more))* TEXTS`, `(?:dont|do not) (?:text|message|contact) (?:anymore|again|ever)`,
	`never (?:text|message|contact|write)(?: me| us| this number)? (?:again|anymore|ever again)`,
	`(?:can|could|will|would) you (?:please )?(?:not|stop) (?:text|message|contact|texting|messaging|contacting|sending texts)(?: (?:me|us))?`,
	`(?:dont|do not|no longer|didnt|not|never) (?:want|wish|need|like|care for|care to|wanna|send|keep sending|wanting|interested in|consent to|agree to)(?: (?:to|you|me|us|get|getting|receive|be|have|see|getting|receiving|sending|any|more|anymore|these|those|your|the|this|all|of|marketing|promotional|automated|automatic|further|future|such|from|stupid|damn|daily|in|signed|up|for))* (?:TEXTS|texted|messaged|contacted)`,
	`(?:dont|do not|no longer|not) (?:want|wish|need|like)(?: (?:to|you|be|any|more|getting|me))* (?:texting|messaging|contacting|communications?|contact) (?:me|us|from|with|by)`,
	`(?:dont|do not) (?:want|wish) (?:to be|you to) (?:texting|contacting|messaging|bothering|contact|text|message|bother)(?: me)?`,
	`(?:dont|do not) want to hear from (?:you|yall|this)`, `(?:never|not) (?:want to )?hear from (?:you|yall|this number)(?: again| ever)?`,
	`(?:no|zero) (?:texts|texting|sms)$`, `no more from (?:you|this)`, `no more of (?:this|these)$`, `not (?:by|via) (?:text|sms)`,
	`(?:take|get|pull|leave|drop|remove|keep|strike|cross|knock|scratch|delete|deactivate|disable) (?:me|us|this number|this phone|my (?:phone |cell |mobile )?(?:number|phone|cell|name)|my name and number|it) (?:off|out|from|out of|off of) (?:of )?(?:your|the|this|ur|all|any|that|these|those|whatever|every)? ?(?:text |texting |mailing |sms |contact |contacts |call |calling |phone |marketing |message |messaging |distribution |customer |subscriber |spam |freaking |fucking |damn )*(?:lists?|texts?|thread|contacts|phone book|database)`,
	`(?:off|from) (?:of )?(?:your|the|this|ur) (?:text |texting |mailing |sms |contact |call |calling |phone |marketing |message |damn |fucking )*list$`,
	`do not (?:text|contact) list`, `(?:put|add|place|get) (?:me|us|this number|my number|this) (?:on|to|in) (?:your|the|ur|a) (?:\w+ )?(?:do not (?:call|contact|text)|dnc|no call|no contact|opt out)(?: list| registry)?`, `leave (?:me|us) (?:\w+ ){0,3}alone`, `leave (?:me|us) be`, `leave my (?:phone|number) alone`, `(?:off|out of) my (?:phone|cell|number|inbox|messages)`, `knock it off`, `give it a rest`, `(?:want|wanna) off$`, `(?:get rid of|trash|throw away|throw out|destroy|ditch|lose) (?:my|this) (?:number|contact|digits)`, `if you (?:text|message|contact|bother) (?:me|us)(?: (?:again|one more time|any ?more|once more))`, `(?:number|i|we|me) (?:should not|shouldnt|should never)(?: still)? be on (?:your|this|the) list`, `still on (?:your|this|the) list`, `take my (?:contact )?(?:info|information|contact|details)(?: \w+)? off`, `lose (?:my|this) (?:number|contact|digits)`, `(?:delete|forget|erase) (?:my|this) (?:number|phone number|digits|cell)`,
	`(?:revoke|revoking|revoked|withdraw|withdrawing|rescind|retract|withdrew) (?:my |all |any |the |prior |express )*(?:consent|permission|authorization|opt in|authorisation)`, `i revoke`, `you (?:do not|dont) have (?:my |any )*(?:consent|permission|authorization)(?: to (?:text|contact|message)(?: me| us)?)?`, `(?:stop|quit|dont|do not|no|no more) (?:calling|call|calls|emailing|email|emails|mailing) (?:me )?(?:and|or) (?:texting|texts|text|messaging|message)`, `(?:dont|do not|stop|no|no more) (?:text|texting|texts|message) (?:me )?(?:or|and) (?:calling|calls|call|emailing|emails|email)`, `i (?:do not|dont|no longer|never) (?:give |gave )?(?:you )?(?:consent|permission)(?: to (?:be texted|receive|texts?|contact|you))?`,
	`fuck off`, `piss off`, `bugger off`, `sod off`, `(?:please )?go away`, `get lost`, `text me (?:again )?and ill`, `(?:want|need|wish|would like) (?:you )?(?:to be )?(?:removed|taken off|unsubscribed|opted out)`, `(?:want|like|need) (?:the |these |your |all )*(?:texts|messages|texting|notifications) (?:to stop|to end|stopped|off|gone|turned off|to cease)`,
	`(?:make|have) (?:it|this|these|the texts|them|the messages) stop`, `(?:texts?|messages|texting|notifications) (?:off|need to stop|must stop|have to stop|has to stop|stop now|should stop)$`, `turn (?:the |these |your |all )*(?:texts|messages|notifications|alerts|texting) off`,
	`out of everything`,
	`(?:please )?(?:cease|stop) all (?:communications?|contact|correspondence)`, `cease and desist`, `stop (?:this|the|ur|your) (?:texting|text|texts|messaging|spamming|harassment|madness|spam)`,
	`(?:dont|do not) need (?:any |these |your |more )*(?:texts|messages|reminders|notifications)`,
}

var wantsSilence = expr.Anywhere(slices.Concat(englishSilence, spanishSilence, frenchSilence)...)

// removal matches wishes to be removed from something, which may be a subscription.
var removal = expr.Anywhere(
	`unsubscribe(?: me| us| this number| my (?:phone |cell )?(?:number|phone)| my phone)?`, `unsub(?: me)?`, `opt (?:me |us |this number |my number )?out`, `opting (?:me )?out`, `optout`, `unenroll(?: me)?`, `unregister(?: me)?`,
	`(?:remove|delete|erase|scratch) (?:me|us|(?:this|the) (?:phone |cell |mobile )?(?:number|phone)|my (?:phone |cell |mobile |old )?(?:number|phone|cell|name))(?: off)?`, `(?:take|get|pull|drop) (?:me|us|this (?:phone |cell |mobile )?(?:number|phone)|my (?:phone |cell |mobile |old )?(?:number|phone|cell|name)) (?:off|out)`,
	`(?:quitenme|quiteme|quitame|quitar(?:me)?|borrenme|borreme|borrame|borrarme|saquenme|saqueme|sacame|sacarme|eliminenme|elimineme|eliminame|eliminarme)`,
	`(?:quiten|quita|quite|borren|borra|borre|eliminen|elimina|elimine|saquen|saca) (?:mi|este) (?:numero|telefono|celular)`,
	`(?:darme|denme|deme|dame|dar|darse|darnos) de baja`, `(?:de)?suscrib(?:anme|eme)(?: de)?`, `desuscrib(?:ir|irme|eme|anme|a|an)`, `desinscrib(?:ir|irme|anme|eme)`, `cancelen? mi numero`,
	`(?:desabonne[rz]|desinscri(?:re|vez|s)|desinscriv)(?: moi)?`, `(?:me|se|nous) (?:desabonner|desinscrire|retirer|desengager)`, `(?:retirez|enlevez|supprimez|effacez|otez|rayez|retire|enleve|supprime|efface) (?:moi|nous|mon (?:numero|telephone|cell|cellulaire|nom)|ce numero)`,
	`(?:retirer|enlever|supprimer|effacer) (?:mon (?:numero|telephone|nom)|ce numero)`,
)

// saysStop matches parts of clauses that only say stop.
var saysStop = expr.Exact(
	`(?:(?:i said|i say|i told you to|told you to|i asked you to|i want you to|i need you to|need you to|you need to|you have to|you must|you guys|can you|could you|will you|would you|make it|make this|make them|for the last time|omg|again|seriously|dude|bro|no|yo|ugh|wtf) )*`+
		`(?:stop|stopall|cease|halt)(?: (?:stop|stopall|all|it|this|that|already|me|texts?|sms|for good|forever|right there|at once|today|everything|them|these|those|texting|messaging|please|guys|dude|bro|man|bitch|asshole|permanently|now|ffs|yall))*`,
	`quit(?: (?:it|texting|this|that|already|now|please|quit))+`, `f off`, `buzz off`, `no more`, `arret(?:er|ez)?(?: (?:ca|tout|maintenant|la|de))*`, `desabonner`, `(?:ca )?suffit`, `fichez moi la paix`, `foutez moi la paix`, `laissez moi tranquille`,
	`alto(?: ya| a los mensajes)?`, `(?:ya )?pare(?:n)?(?: ya| de| por favor)*`, `parar`, `(?:ya )?basta(?: ya)?`, `detener`, `detente`, `detengan(?:se)?`, `baja`, `(?:ya )?no mas(?: por favor| ya)?`, `knock it off`, `cut it out`, `give it a rest`,
)

// wrongNumber matches texts that say that ours came to the wrong phone, and nothing
// else: "I gave you the wrong number" is about something else.
var wrongNumber = expr.Exact(`(?:(?:sorry|im sorry|i think|think|you have|you have got|youve got|you got|got|this is|its|you texted|you are texting|youre texting|u have|u got) )*(?:the |a )?wrong (?:number|person|phone|guy|lady|#)(?: stop| buddy| dude| here)*`,
	`(?:tiene |tienen |es )?(?:el )?numero equivocado`, `(?:vous avez )?(?:le )?(?:mauvais|faux) numero`, `(?:este )?no es el numero correcto`)

var (
	// hedged and limited match what makes a wish for silence doubtful.
	hedged = expr.Anywhere(
		`(?:dont|do not|never|didnt|did not|not|cant|cannot|doesnt|wouldnt) (?:ever |want (?:you )?to |mean to |actually |really |please |just )*(?:stop|quit|unsubscribe|opt (?:me )?out|remove me|take me off|end|cancel|opting|text stop|texted stop|say stop|said stop)`,
		`(?:did|have|has|will) (?:i|you|it|they|we) (?:\w+ )?(?:stop|unsubscribe|opt (?:me )?out) `, `(?:did|have) (?:i|you) (?:\w+ )?(?:unsubscribe|opt out)`, `why did you`,
		`accident`, `accidentally`, `mistake`, `mistakenly`, `resubscribe`, `(?:you|they) (?:dont|never|do not) (?:text|message|contact|send)`,
		`no (?:deje[ns]?|deja|pare[ns]?) de`, `(?:n ?arretez|narretez|narrete) pas`, `if (?:i|we) (?:\w+ )?(?:reply|text|say|stop|opt|unsubscribe|send|end|quit|cancel|leave)`, `(?:what happens|what if) `, `do i need to`, `does (?:stop|opting|unsubscrib)`, `(?:disregard|ignore) (?:my|that|the|it)`, `(?:quit|stop) (?:page|code)`, `(?:the|your) (?:driver|courier|machine|grinder|unsubscribe)`, `(?:unsubscribe|opt out) (?:button|link|page)`,
	)
	limited = expr.Anywhere(
		`until`, `till`, `unless`, `before`, `after`, `between`, `during`, `while`, `except`, `so (?:early|late|often|much|many)`, `as (?:often|much|many)`, `too (?:often|much|many)`, `only`,
		`this (?:early|late)`, `at (?:night|work|this hour|\d+)`, `every (?:day|week|hour|morning)`, `times (?:a|per|each|every|in)`, `on (?:weekends?|weekdays|sundays?|saturdays?|mondays?|holidays?)`, `(?:today|tonight|tomorrow|for now|for a (?:while|week|month|day)|this (?:week|month)|in the (?:morning|evening|middle))`,
		`for (?:a|the next|one|two|\d+) `, `in (?:spanish|english|french)`, `about this order`, `twice`, `hasta`, `antes`, `despues`, `jusqua`, `avant`, `apres`, `de noche`, `le soir`, `la nuit`,
	)
	threat         = expr.AnywhereEnding(``, `(?:if|unless) you (?:dont|do not|wont|cant) `)
	newNumber      = expr.Anywhere(`use`, `replace`, `update`, `add`, `change`, `new (?:number|phone)`, `instead`, `usen?`, `utilisez`, `prenez`, `prends`, `celui`, `text my`, `text (?:him|her|them)`, `try`, `(?:el|mi|un|este) nuevo`, `nuevo (?:numero|telefono|celular)`, `(?:le|mon) nouveau`, `new one`)
	pausing        = expr.Anywhere(`stop (?:it |this |these |them )?for (?:now|december|january|february|march|april|june|july|august|september|october|november|a (?:while|bit|week|month))`)
	mentionsNumber = expr.Anywhere(`numero`, `(?:my|this|old|the|her|his) (?:\w+ )?(?:number|phone|cell)`, `number`)
	exceptions     = expr.Anywhere(`(?:but|only) (?:keep|still want|still need|not)(?: the| my| your| getting)? (?:shipping|delivery|order|tracking|the delivery)(?: \w+)? ?(?:updates|texts|notifications|alerts|ones|messages)`, `(?:order|shipping|delivery) (?:updates|texts|notifications|alerts|ones) (?:are|is) (?:ok|okay|fine|good)`, `still want (?:the|my) (?:delivery|shipping|order) (?:ones|texts|updates)`, `keep (?:the )?(?:shipping|delivery|order|tracking) (?:updates|texts|alerts|notifications|ones)`, `weekly (?:texts|ones) only`)
	takenBack      = expr.Anywhere(`just kidding`, `jk`, `dont stop`, `only joking`, `(?:disregard|ignore) (?:that|this|my last|my stop|it|my text|the last)`, `that was my (?:kid|son|daughter|brother|sister|toddler|child)`, `(?:so|too) (?:cute|good|gorgeous|funny|sweet|delicious|pretty|beautiful|adorable)`, `gorgeous`, `i love (?:these|the|your) texts`, `i love (?:this|the|your|my) (?:GOODS)`, `(?:this|the|your) (?:\w+ )?(?:GOODS) (?:is|are) (?:so |just |really )?(?:amazing|incredible|awesome|fantastic|wonderful|perfect|great|excellent|insane|unreal)`, `hammer time`)
	askedBefore    = expr.Anywhere(`(?:ive|i have|i|we|weve) (?:already |just )*(?:been )?(?:unsubscribed|opted out|texted stop|replied stop|said stop|sent stop|typed stop)`, `(?:was|am|were|be) unsubscribed`, `opted out`, `(?:asked|told) (?:you|u|yall) (?:guys )?(?:to stop|not to)`)
	still          = expr.Anywhere(`still`, `yet`, `keep`, `keeps`, `kept`, `again`, `why`, `another`)
	aboutTexts     = expr.Anywhere(`text`, `texting`, `sms`, `txt`, `texts`, `messages?`)

	// What stands beside a wish for silence is a wish of its own if it matches
	// otherWish and is not partOfWish.
	otherWish = expr.Anywhere(`refund`, `money`, `cancel`, `canceled`, `cancelled`, `orders?`, `subscriptions?`, `sub`, `plan`, `membership`, `autoship`, `box`, `package`, `deliver(?:y|ies)`, `want`, `need`, `where`, `when`, `how`, `who`, `why`, `what`, `help`, `person`, `human`, `someone`, `call`, `email`, `charged?`, `charging`, `report`, `sue`, `lawyer`, `attorney`, `fcc`, `skip`, `swap`, `delay`, `pause`, `change`, `return`, `account`, `broken`, `wrong`, `missing`, `address`,
		`quiero`, `necesito`, `pedido`, `suscripcion`, `donde`, `cuando`, `reembolso`, `ayuda`, `veux`, `commande`, `abonnement`, `remboursement`, `aide`)
	partOfWish = expr.Exact(
		`(?:(?:me|us|this number|my phone|here|again|anymore|about|from|for|regarding|concerning|because|since|bc|on|to|at|with|when|that|which|i) )+.*`, `(?:yes |and |so |please |hey |you )*(?:(?:i|we|id|ill) )?(?:really |just |also )?(?:want|need|would like|like|wish|wanted|asked|told|said|have told|have asked|told you|asked you)(?: (?:you|yall|your|guys|people|to|the|now|already|times|twice|again|\d+))*`,
		`(?:how|why|when|what|where) (?:do|can|could|would|should|wont|dont|will|is|are|do i|does|have)(?: (?:i|you|we|u|it|to|please|ever|the|way|not|make|get))*`, `how to(?: make| get)?`, `i (?:do not|dont|never) (?:want|need|wanted)`, `who (?:do|should) i (?:call|talk to|contact|ask)? ?to`, `(?:can|could|will|would) (?:you|someone)(?: please)? help me`, `help(?: me)?`, `want`, `i want`, `please help(?: me)?`,
	)
	asksAboutStop = expr.Anywhere(`(?:will|would|when|does|did|how|cant|wont|doesnt) .*stop$`, `(?:i|we) (?:want|need|like) to stop$`, `(?:wont|cant|couldnt|hasnt|didnt) stop$`, `(?:to|should i|how i) stop$`)

	// stopAsPlace matches bus stops and other places.
	stopAsPlace      = expr.Anywhere(`(?:bus|pit|truck|tram|train|subway|metro|rest|door|next|last|first|second|full|non|one|quick|short|delivery|the|a|my|your|our|this|each|every|final|gas|lunch|coffee|no) stop$`)
	emailOnly        = expr.Anywhere(`(?:contact|reach|email|write|answer|reply)(?: to)? me (?:only )?(?:by|via) e ?mail (?:only )?not (?:by |via )?(?:text|sms)`)
	doNotContactList = expr.Anywhere(`(?:put|add|place|get) (?:me|us|this number|my number|this) (?:on|to|in) (?:your|the|ur|a) (?:\w+ )?(?:do not (?:call|contact|text)|dnc|no call|no contact|opt out)(?: list| registry)?`)
	endsWithStop     = expr.Anywhere(`stop$`)
	saidStop         = expr.Anywhere(`(?:i|ive|i have|already|we) (?:already |just |have |did )*(?:replied|texted|said|sent|typed|wrote|told you|responded|asked|messaged|say|saying|replying|texting|typing|writing)(?: (?:you|with|the word|to|u|already|back|guys|yall))* (?:stop|unsubscribe|quit)(?: (?:\d+|two|three|four|five|ten|many|several|multiple|twice|already|before|times|last|yesterday|and|again|on|a|million|week|month|for|the|third|second|fourth|fifth|tenth|time))*$`, `(?:say|said|saying|replying|reply|typing|texting) (?:the word )?(?:stop|unsubscribe)(?: (?:for|the|second|third|fourth|fifth|tenth|time|\d+|times|again))*$`)
)
