package keyword

import "unicode"

// correct returns a word without common misspellings. No English word has a letter
// three times in a row, but texts do ("stoppp").
func correct(word string) string {
	word = collapseRepeats(word)
	if right, ok := spelling[word]; ok {
		return right
	}
	return word
}

// collapseRepeats replaces a letter three or more times in a row by one.
func collapseRepeats(word string) string {
	if !hasRepeats(word) {
		return word
	}
	var collapsed []rune
	letters := []rune(word)
	for i := 0; i < len(letters); {
		n := 1
		for i+n < len(letters) && letters[i+n] == letters[i] {
			n++
		}
		if n >= 3 && unicode.IsLetter(letters[i]) {
			collapsed = append(collapsed, letters[i])
		} else {
			collapsed = append(collapsed, letters[i:i+n]...)
		}
		i += n
	}
	return string(collapsed)
}

// hasRepeats reports whether a character stands three times in a row.
func hasRepeats(word string) bool {
	var last, before rune
	for _, r := range word {
		if r == last && r == before {
			return true
		}
		last, before = r, last
	}
	return false
}

// spelling has misspellings and abbreviations of words that matter, with their
// corrections, which may be several words.
var spelling = map[string]string{
	"pls": "please", "plz": "please", "plse": "please", "plez": "please", "pleas": "please", "plss": "please", "plzz": "please", "pleasee": "please",
	"thx": "thanks", "thnx": "thanks", "tks": "thanks", "thanx": "thanks", "thankyou": "thank you", "thanku": "thank you",
	"u": "you", "ur": "your", "r": "are", "wanna": "want to", "gotta": "have to", "gimme": "give me", "lemme": "let me",
	"hii": "hi", "hiya": "hi", "heyy": "hey", "helo": "hello", "okey": "ok", "yea": "yeah",

	"txt": "text", "txts": "texts", "txting": "texting", "texing": "texting", "texitng": "texting", "textin": "texting", "txtin": "texting", "txtn": "texting", "tezting": "texting",
	"msg": "message", "msgs": "messages", "mesages": "messages", "messges": "messages", "messeges": "messages", "mssgs": "messages", "textmessages": "text messages",
	"messging": "messaging", "msging": "messaging", "messagin": "messaging", "spaming": "spamming",
	"donot": "do not", "dnt": "dont", "doont": "dont",
	"tsop": "stop", "stp": "stop", "sotp": "stop", "stpo": "stop", "stopp": "stop", "stahp": "stop", "stopit": "stop it",
	"unsuscribe": "unsubscribe", "unsubcribe": "unsubscribe", "unsubsribe": "unsubscribe", "unsubscibe": "unsubscribe", "unsubscrib": "unsubscribe", "unscribe": "unsubscribe", "unsubsrcibe": "unsubscribe", "unsubscrbe": "unsubscribe", "unsusbcribe": "unsubscribe", "unsubsrcribe": "unsubscribe", "unsubscride": "unsubscribe",
	"remve": "remove", "remov": "remove", "numbr": "number", "nbr": "number",

	"cancle": "cancel", "cancell": "cancel", "cancal": "cancel", "cansel": "cancel", "canel": "cancel", "cacel": "cancel",
	"subcription": "subscription", "subsciption": "subscription", "subscripton": "subscription", "subscribtion": "subscription", "subscrition": "subscription", "suscription": "subscription", "subsription": "subscription", "subscriptin": "subscription",
	"skp": "skip", "sikp": "skip", "skipp": "skip", "skipping": "skip",
	"dealy": "delay", "delya": "delay", "deley": "delay", "dely": "delay", "swop": "swap", "swp": "swap",
	"oder": "order", "ordr": "order", "orde": "order", "ordder": "order", "odrer": "order", "delivry": "delivery", "shippment": "shipment", "shipmnt": "shipment",
	"nxt": "next", "mnth": "month", "prodcuts": "products", "proudcts": "products", "staus": "status", "satus": "status",
	"wheres": "where is", "whats": "what is", "pkg": "package", "traking": "tracking",
	"agnet": "agent", "persn": "person", "reprsentative": "representative", "representitive": "representative",
	"sub": "subscription", "subs": "subscriptions",
}
