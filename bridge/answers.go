package bridge

import "sidetext/chat"

// What automation says. Each keeps to one segment where it can: plain GSM-7
// characters, unless a name has others.

func menuIntro(shop chat.Shop) string {
	return shop.Name + ": reply with a number."
}

func passedOn(p chat.Shopper) string {
	thanks := "Thanks!"
	if first := chat.FirstName(p.Name); first != "" {
		thanks = "Thanks, " + first + "!"
	}
	thanks += " We have passed this on to our team. We'll reply here"
	if p.Email != "" { // an agent's reply from the ticket leaves by e-mail
		thanks += " or by e-mail"
	}
	return thanks + "."
}

// sorry is the answer to a wish that makes no ticket. It promises nothing: what
// is texted after it gets no answer.
func sorry(shop chat.Shop) string {
	return "Sorry, " + shop.Name + " can't help with that by text, and texts to this number are not answered. " + contact(shop)
}

// contact says where to turn instead.
func contact(shop chat.Shop) string {
	if email := shop.Settings.Email; email != "" {
		return "Please write to " + email + "."
	}
	return "Please use the contact details on our website."
}

// help is the answer to HELP. With menu, what is on the menu works.
func help(shop chat.Shop, menu bool) string {
	const end = "Reply STOP to end texts. Msg & data rates may apply."
	if menu {
		return shop.Name + ": reply MENU to see what you can do here. " + end
	}
	return shop.Name + ": " + contact(shop) + " " + end
}
