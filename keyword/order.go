package keyword

// An order is not the subscription: to cancel an order does not end the subscription.

const oneOrder = `(?:(?:my|the|this|that|our|an|a|last|latest|recent|next|upcoming|current|pending|first|second|other|whole|entire|one|todays?|tomorrows?|yesterdays?|coffee|\d+(?:st|nd|rd|th)) )*(?:order|shipment|delivery|package|parcel|box|purchase|mi pedido)`

var (
	// orderChange may match anywhere: a person reads the text, so it may say more.
	orderChange = expr.Anywhere(
		`(?:cancel|cancell|stop|change|modify|edit|update|hold|halt|void|undo|revise|fix|amend|correct) (?:(?:the|an?) (?:item|product|address|size|color|colour|quantity|flavou?r) (?:on|in|of|for) )?`+oneOrder+`(?: (?:number|no|#))?(?: \w*\d\w*)?`,
		`(?:wrong|incorrect|change the|change my) (?:address|size|item) (?:on|for|in) (?:my |the )?order`, `(?:dont|do not) ship (?:my |the )?order(?: \w*\d\w*)?`, `(?:cancel|stop) (?:my|the) (?:\w+ )?(?:preorder|pre order|order)`, `(?:cancel|stop|change|modify) (?:order|number|no|#)? ?\w*\d\w*`,
		`(?:add|remove|include|put|take) (?:\w+ ){0,6}(?:to|from|in|on|off|into|out of) `+oneOrder,
		`remove the \w+ from (?:my|the) order`, `(?:opt|opting) out of the next (?:box|order|shipment)`,
		`(?:opt|unsubscribe|take me) (?:me )?(?:out of|off|from) (?:the |this |my )?(?:next|upcoming) (?:box|order|shipment|delivery)`,
		`(?:order|delivery|shipment) (?:cancel(?:lation)?|change)$`, `cancel (?:that|this|the) (?:last )?(?:one|order)`,
		`(?:cancelar|cancelen|cancele|cancela|cambiar|modificar)(?: (?:mi|el|la|este|ese|ultimo|ultima|mi ultimo))* (?:pedido|orden|compra|envio|entrega)`,
		`(?:annuler|annulez|changer|changez|modifier|modifiez|canceller)(?: (?:ma|mon|la|le|cette|derniere))* (?:commande|colis|livraison|achat)`,
	)
	dontShip = expr.Anywhere(`(?:dont|do not) (?:ship|send|mail|deliver|process|fulfill) (?:my|the|this|that|our) (?:\w+ )?(?:order|shipment|package|parcel|box)$`, `(?:dont|do not) (?:ship|send|mail|deliver|process|fulfill) order (?:\w+ )?\w*\d\w*$`)
	// notOrderChange matches what makes it another wish, or none.
	notOrderChange = expr.Anywhere(`subscription`, `subscriptions`, `membership`, `plan`, `autoship`, `dont (?:cancel|change|stop)`, `do not (?:cancel|change|stop)`, `not`, `never`, `already`, `if`, `suscripcion`, `abonnement`, `didnt`, `was`, `were`, `did`, `has`, `you (?:cancel|cancell?ed|shipped|sent)`, `skip`, `delay`, `swap`)

	orderStatus = expr.Anywhere(
		`(?:where|wheres) (?:is|are|tf is|the hell is|the heck is|the fuck is|in the world is|r|s|are u with) (?:my|the|our) (?:\w+ )?(?:PARCEL|coffee|tea|beans|refund order)`,
		`(?:has|is|did|was|have) (?:my|the|our) (?:last |latest |recent |december |november )?PARCEL (?:not |even |ever |already |been )*(?:ship|shipped|shipping|sent|sent out|arriving|coming|delivered|on its way|on the way|out for delivery|arrive|arrived|leave|left|lost|cancell?ed)`,
		`(?:havent|have not|didnt|did not|never|not|hasnt) (?:\w+ )?(?:received|receive|gotten|got|get|seen) (?:my|the|our|any) (?:\w+ )?PARCEL`, `(?:my|the|our) (?:\w+ )?PARCEL (?:still )?(?:is|has|hasnt|didnt|never|isnt|was|has not|did not|is not|still hasnt|still has not)(?: \w+)? ?(?:late|lost|missing|arrived|arrive|come|came|delivered|shipped|show|showed|not here|here)`,
		`when (?:will|does|do|is|should|can|are|would) (?:i |my |the |our |it |you )?(?:\w+ )?(?:PARCEL )?(?:ship|shipping|arrive|arriving|coming|come|get here|be here|be delivered|get|receive|expect)`,
		`(?:tracking|track) (?:number|info|link|my|the|it|code|information|says|update)`, `order status`, `what (?:is going on|is happening|happened|is up|is the deal) (?:with|to) (?:my|the|our) (?:\w+ )?PARCEL`, `(?:package|order|parcel|shipment|delivery) (?:is |still )?(?:lost|missing|late|delayed|stuck)$`, `status (?:of|on|for) `, `(?:any )?(?:updates?|news|eta) (?:on|for|about|of) (?:my|the|our) (?:\w+ )?PARCEL`, `has it shipped`, `(?:supposed|meant) to (?:arrive|be here|come|be delivered)`, `(?:wheres|where is) it`, `how long (?:until|till|before|for) (?:my|the) (?:\w+ )?PARCEL`,
		`(?:updates?|news) on (?:order )?\w*\d+`, `(?:checking|check) on (?:my|the) (?:\w+ )?PARCEL`, `(?:my|the) (?:orders?|package|box|parcel|shipment) (?:is |are |s )?(?:late|delayed|stuck|missing|lost|not here)`, `eta$`, `waiting (?:on|for) (?:my|the|an) (?:\w+ )?PARCEL`, `no package`, `(?:says|said|shows|marked) (?:it was )?delivered`, `did (?:my|the) (?:\w+ )?(?:order|replacement) (?:go through|ship)`, `out for delivery`, `donde esta (?:mi|el)`, `(?:toujours|encore) rien recu`, `no me ha llegado`, `quand la livraison`, `ou est (?:ma|mon)`,
	)
	notOrderStatus = expr.Anywhere(`subscription`, `cancel`, `refund`, `return`, `swap`, `skip`, `delay`, `damaged`, `broken`, `wrong`, `change`)
)

func wantsOrderChange(u utterance) bool {
	if dontShip.MatchString(u.core) {
		return true
	}
	core, _ := request.Cut(u.core) // so that "can you cancel" is not taken for "you cancelled"
	return orderChange.MatchString(core) && !notOrderChange.MatchString(core)
}

func wantsStatus(u utterance) bool {
	return orderStatus.MatchString(u.core) && !notOrderStatus.MatchString(u.core)
}
