package bridge

import "sidetext/chat"

// The texts of automation. They use GSM-7 characters, unless a name has others,
// and fit one segment where possible.

// menuIntro is the first line of the menu.
func menuIntro(shop chat.Shop) string {
	return shop.Name + ": reply with a number."
}

// acknowledgement says that an agent will reply.
func acknowledgement(p chat.Shopper) string {
	thanks := "Thanks!"
	if first := chat.FirstName(p.Name); first != "" {
		thanks = "Thanks, " + first + "!"
	}
	thanks += " We have passed this on to our team. We'll reply here"
	if p.Email != "" { // replies from the ticket are e-mails
		thanks += " or by e-mail"
	}
	return thanks + "."
}

// declineText answers a request that makes no ticket. It must not promise anything,
// because the next texts get no answer.
func declineText(shop chat.Shop) string {
	return "Sorry, " + shop.Name + " can't help with that by text, and texts to this number are not answered. " + contactText(shop)
}

// contactText says how to reach the shop instead.
func contactText(shop chat.Shop) string {
	if email := shop.Settings.Email; email != "" {
		return "Please write to " + email + "."
	}
	return "Please use the contact details on our website."
}

// helpText answers HELP. menu says that this shopper can use the menu.
func helpText(shop chat.Shop, menu bool) string {
	const end = "Reply STOP to end texts. Msg & data rates may apply."
	if menu {
		return shop.Name + ": reply MENU to see what you can do here. " + end
	}
	return shop.Name + ": " + contactText(shop) + " " + end
}
