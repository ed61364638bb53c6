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
	return thanks + " We have passed this on to our team. Somebody will answer you here or by e-mail."
}

func sorry(shop chat.Shop) string {
	return "Sorry, we can't help with that by text. Please contact " + shop.Name + " by e-mail. Reply MENU to see what you can do here."
}

func help(shop chat.Shop) string {
	return shop.Name + ": reply MENU to see what you can do here, STOP to end texts. Msg & data rates may apply."
}
