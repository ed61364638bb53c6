package keyword

// otherChannel matches other ways to reach a shopper than texts to this number.
const otherChannel = `(?:instagram|insta|ig|facebook|fb|messenger|whats ?app|e ?mail|mail|phone|telephone|twitter|telegram|tik ?tok|discord|snapchat|linkedin|my (?:old|other|work|home|office|landline|former|previous|second|wifes|husbands|moms|dads|sons|daughters|landlines) ?(?:number|phone|line|cell|email)?|correo|telefono|courriel|voicemail)`

var (
	stopOtherChannel = expr.Anywhere(
		`(?:stop|quit|dont|do not|no more|never|not|please dont|cease) (?:ever |sending |sending me |send |send me |want |want any |any |more |the |your |to |get |receive |receiving |getting |these |those |all |with the |want to |want you to )*(?:calling|phoning|ringing|emailing|e mailing|mailing|faxing|dming|call|phone|ring|emails?|e ?mails?|mail|mails|phone calls?|calls|robocalls?|voicemails?|dms?|letters?|catalogs?|catalogues?|flyers?|mailers?|newsletters?|postcards?|paper mail|junk mail)`,
		`(?:dont|do not|stop|quit|never) (?:text|texting|message|messaging|contact|contacting|msg|dm|dming|write|writing)(?: (?:me|us|to))* (?:on|by|via|through|over|in|at) ELSEWHERE`,
		`(?:dont|do not|stop|quit|never) (?:text|texting|message|messaging|contact|contacting|calling|call)(?: to)? (?:my|his|her|their|our) (?:old|other|work|home|office|landline|former|previous|second|wife|husband|mom|mother|dad|father|son|daughter|kids?|child|children|family|boss|boyfriend|girlfriend|partner|roommate|sister|brother|friends?|neighbor|wifes|husbands|moms|dads|sons|daughters|ex)`,
		`no me (?:llamen?|llames|llame)(?: mas)?`, `(?:deje|dejen|deja) de llamar(?:me)?`, `no (?:mas )?(?:correos|llamadas)`, `(?:ne )?(?:mappelez|mappeler|mappelle) (?:plus|pas)`, `arretez de mappeler`, `plus (?:de|d) ?(?:courriels?|appels?)`,
	)
	viaOtherChannel = expr.Anywhere(`(?:on|by|via|through|over|in|por|en|sur|par) ELSEWHERE`)
	// otherNumbers matches other numbers of the shopper and those of other people.
	otherNumbers = expr.Anywhere(`my (?:old|other|work|home|office|landline|former|previous|second) ?(?:number|phone|line|cell)?`, `my (?:wife|husband|mom|mother|dad|father|son|daughter|kids?|child|children|family|boss|boyfriend|girlfriend|partner|roommate|sister|brother|friends?|neighbor|wifes|husbands|moms|dads|sons|daughters)`)
	// textsWelcome matches a wish to be texted here.
	textsWelcome = expr.Anywhere(`(?:text|message|msg|sms|txt|write) (?:me|us|here|instead|only|is fine|is better|is ok)`, `texts? (?:are|is) (?:fine|ok|okay|good|better|great)`, `(?:just|only|keep|prefer|rather|can) (?:text|texting|texts|sms|message)`, `(?:by|via|use) (?:text|texts|sms)`, `use this number`, `texting (?:is|me)`, `text(?: instead| here)?$`, `(?:mensaje|textos?) (?:esta bien|por favor|mejor)`, `(?:textez|ecrivez) (?:moi|nous)`, `escriban(?:me|nos)`)
)
