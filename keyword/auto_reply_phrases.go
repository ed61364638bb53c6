package keyword

import "strings"

// isAutoReply reports whether a text consists of phrases of automatic replies only.
func isAutoReply(folded string) bool {
	folded = clauseMarks.Replace(folded)
	for clause := range strings.FieldsFuncSeq(folded, endsClause) {
		rest := wordsOf(clause)
		for rest != "" {
			next, found := autoReplyPhrases.Cut(rest)
			if !found {
				return false
			}
			rest = strings.TrimPrefix(next, " ")
		}
	}
	return true
}

// clauseMarks replaces further signs that end a clause in automatic replies.
var clauseMarks = strings.NewReplacer(": ", ". ", "(", ".", ")", ".", "[", ".", "]", ".", " - ", ". ")

const (
	soon     = `(?: (?:soon|shortly|later|asap|tomorrow|as soon as (?:i can|possible|i return|im back|i am back|were back)|(?:when|once|after) (?:i (?:can|stop|return|get back|get there|stop driving|stop the car|get where im going|arrive|am able)|im (?:back|free|done)|that|we open)|in the morning|within (?:24|48) hours|the next business day))`
	when     = `(?: (?:until|till|through|from|to|on|at|the|after|next|a|am|pm|january|jan|february|feb|march|mar|april|apr|may|june|jun|july|jul|august|aug|september|sept|sep|october|oct|november|nov|december|dec|monday|mon|tuesday|tue|wednesday|wed|thursday|thu|friday|fri|saturday|sat|sunday|sun|weekend|week|month|tomorrow|tonight|noon|\d+(?:st|nd|rd|th|am|pm)?))`
	quiet    = `(?:do not disturb|dnd|focus|sleep|sleep mode|driving focus|work focus|silent|silent mode)`
	autoWord = `(?:auto|automatic|automated)`
)

// autoReplyPhrases are parts of clauses in automatic replies. One may follow another.
var autoReplyPhrases = expr.Prefix(wholeWords(
	// How replies introduce themselves.
	`(?:this is )?(?:an? |my )?`+autoWord+` ?(?:reply|response|responder|message|answer|text)(?: by)?`, `autoreply`, `autoresponder`, `sms auto reply`, `auto`, `(?:message )?(?:auto )?sent(?: automatically)?(?: (?:by|from) (?:drivemode|life360|my car))?`, `sent automatically`, `siri`, `android auto`, `google assistant`, `(?:at & t )?drivemode`, `t mobile`, `verizon(?: message \+)?`, `driving mode`, `free message`, `network message`, `message from verizon`,
	`sorry i missed your (?:call|message)`, `sorry`, `and`, `but`, `hi`, `hello`,
	// Drivers.
	`(?:i am|im|the user is)(?: currently)? driving`, `driving`, `with QUIET(?: while driving)?(?: turned| switched)?(?: on)?`, `(?:my )?phone is (?:on|in) QUIET`, `QUIET(?: mode)? is(?: turned)? onWHEN*`, `i have notifications silenced`, `(?:im|i am) not receiving notifications`, `if this is urgent`, `reply urgent to send a notification through with your original message`,
	`(?:i )?(?:cant|cannot|can not|am unable to|im unable to) (?:talk|text|answer|respond|take your call|answer my phone)(?: (?:right now|now|at the moment|at this time))?`, `right now`, `at the moment`,
	`(?:ill|i will|well|we will|will) (?:see your message|get back to you|respond|reply|answer|text back|text you(?: back)?|call you(?: back)?|be in touch|return your (?:call|message))SOON?`, `call you later`, `(?:when|once) i stop`,
	// Offices.
	`(?:(?:im|i am|i will be) )?(?:currently )?(?:out of|away from) (?:the office|office|my desk|my phone)WHEN*`, `oWHEN+`, `(?:im|i am)(?: currently)? (?:away|on vacation|on holiday|on leave)WHEN*`, `back(?: online)?WHEN+`, `for urgent matters`, `with (?:no|limited) access to (?:my )?(?:e ?mail|phone|messages)`,
	`(?:were|we are|our (?:office|store) is) (?:currently )?closedWHEN*`, `we (?:have )?(?:got|received) your (?:message|text|inquiry|request)`, `(?:thank you|thanks) for (?:contacting|texting|reaching out to|calling) us`, `(?:thank you|thanks) for your message`, `leave me a message`, `please`,
	`(?:replies|this (?:mailbox|inbox|number|line)) (?:are|is) not (?:monitored|checked)`, `if this is an emergency`, `(?:call|dial) 911`,
	// Carriers.
	`message (?:and|&) ?data rates may apply`, `(?:the )?(?:number|person|subscriber|customer) you (?:have|are) (?:texted|dialed|called|reached|calling|trying to reach) (?:does not receive messages|is not (?:available|in service))`, `your message could not be delivered(?: to this user)?`, `message blocked`, `(?:the )?recipient is unable to receive messages from this sender`, `unable to send message`, `the person you are calling is using a screening service from google`,
	`you (?:are|have) (?:now |successfully )*(?:been )?(?:opted out|unsubscribed)(?: from \w+(?: \w+)?)?`, `will receive no further messages`, `reply unstop to opt back in`,
	// In Spanish and French.
	`(?:esta es una |este es un )?(?:respuesta automatica|mensaje automatico)`, `(?:estoy )?(?:manejando|conduciendo|fuera de la oficina|de vacaciones)(?: hasta el (?:\w+))?`, `con no molestar activado`, `(?:mi )?telefono esta en(?: modo)? no molestar`, `ahora no puedo (?:hablar|contestar)`, `en este momento no puedo (?:hablar|contestar)`, `(?:y )?(?:te|le) (?:respondo|llamo|escribo) (?:luego|cuando llegue|mas tarde)`, `vere tu mensaje cuando llegue`,
	`(?:reponse|message) automatique`, `je (?:conduis|suis au volant)`, `avec la fonction ne pas deranger(?: en voiture)? activee`, `je verrai votre message a mon arrivee`, `je (?:vous|te) reponds des que je marrete`, `(?:mon )?telephone est en mode ne pas deranger`, `je ne peux pas (?:parler|repondre)(?: pour le moment)?`, `(?:je suis )?absent(?:e)?(?: du bureau)?(?: jusquau \d+ \w+)?`, `ne pas repondre a ce texto`,
	`automatische antwort`, `ich fahre gerade`, `und habe beim fahren nicht storen aktiviert`, `resposta automatica`, `estou dirigindo`,
)...)

// wholeWords replaces SOON, WHEN and QUIET, and makes each expression end with a word.
func wholeWords(expressions ...string) []string {
	names := strings.NewReplacer("SOON", soon, "WHEN", when, "QUIET", quiet)
	for i, e := range expressions {
		expressions[i] = `(?:` + names.Replace(e) + `)(?: |$)`
	}
	return expressions
}
