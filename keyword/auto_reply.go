package keyword

// Phones, cars and mailboxes send automatic replies. These are not what the shopper
// wants, and to answer one may start a loop between two machines.
var (
	// autoReplies matches words of automatic replies. People use them too.
	autoReplies = expr.Anywhere(
		`(?:do not disturb|dnd|focus|sleep|sleep mode|driving focus|work focus|silent mode) (?:while driving |mode |is |turned |switched )*(?:turned |switched )?on`, `on (?:do not disturb|dnd|silent|silent mode)$`, `(?:is|has|phone is|phone on|its|am|im) (?:currently |set )?(?:on|in|to) (?:do not disturb|dnd|silent)`, `do not disturb while driving`, `(?:not|am not) receiving notifications`, `notifications (?:are )?silenced`, `has notifications silenced`,
		`(?:auto|automatic|automated) ?(?:reply|response|responder|message|answer|text|mated message)`, `autoreply`, `autoresponder`, `auto respond(?:er|ing)?`, `this is an auto(?:mated|matic|reply|response)?`, `(?:sent|send) automatically`, `sent from my car`, `autoreply by`, `drive ?mode`, `drivesmart`,
		`out of (?:the )?office`, `(?:im|i am|am|be|will be|are) (?:currently )?(?:out of|away from) (?:the office|office|my desk|my phone|the phone)`, `(?:on|away on) (?:vacation|annual leave|parental leave|maternity leave|pto|holiday) (?:until|till|from|through|with|and)`, `limited access to (?:my )?(?:email|phone|messages)`,
		`(?:number|inbox|mailbox|line|phone|account) (?:is not|isnt|is un|are not) ?(?:monitored|checked|in service|able|accepting|equipped)`, `not monitored`, `unmonitored`, `(?:does not|doesnt|cannot|cant|unable to|not able to) (?:accept|receive) (?:text|sms|incoming|messages|texts|mms)`, `(?:not|is not) accepting (?:text|messages|calls)`, `message blocking is active`, `unable to (?:send|deliver) (?:the |your )?message`, `free msg`, `could not be delivered`, `no longer in service`, `missed your call`, `screening (?:messages|service)`, `leave (?:me )?a message`, `message has been forwarded`, `(?:data|msg) rates may apply`, `life360`, `will receive no further messages`, `you (?:are|have) (?:now |successfully )*(?:been )?(?:unsubscribed|opted out)`, `will be in touch (?:soon|shortly)`, `landline`, `the (?:person|subscriber|number|customer) you (?:are|have) (?:trying|texting|reached|dialed|called|trying to)`,
		`(?:we are|our office is|our store is|were) (?:currently )?closed`, `(?:business|office|opening) hours`, `thank(?:s| you) for (?:contacting|texting|reaching|messaging|your message|your text|calling|getting in touch|writing)`, `we (?:have )?received your (?:message|text|inquiry|request)`, `(?:will|ill) (?:get back to you|respond|reply|see your message|return your (?:call|message|text)|text you back|call you back) (?:as soon|when|later|shortly|asap|once|within|after|on|upon|in)`, `for (?:urgent|emergencies|immediate)`, `if this is (?:urgent|an emergency)`,
		`im driving`, `i am driving`, `(?:cant|cannot|cant|unable to) (?:talk|text|answer|respond|take your call|pick up|read) (?:right |back |while |at |now|this)`, `driving (?:right now|at the moment|now|with|and)`,
		`respuesta automatica`, `mensaje automatico`, `estoy (?:conduciendo|manejando|fuera de la oficina|en una reunion|de vacaciones)`, `fuera de (?:la )?oficina`, `no molestar`, `modo (?:conduccion|no molestar)`, `en este momento no puedo`, `ahora no puedo (?:hablar|contestar)`, `resposta automatica`, `automatische antwort`, `je ne peux pas (?:parler|repondre)`, `nicht storen`, `ich fahre`, `(?:reponse|message) automatique`, `je (?:conduis|suis au volant)`, `au volant`, `absent(?:e)? du bureau`, `hors du bureau`, `ne pas deranger`, `en (?:conge|vacances|reunion)`, `de retour le`, `abwesenheit`,
	)
	// alsoHuman matches those that people in a hurry write themselves.
	alsoHuman = expr.Anywhere(`driving`, `landline`, `(?:cant|cannot) (?:talk|text)`)
	// numberUnusable matches texts that say that the number should not be texted any more.
	numberUnusable = expr.Anywhere(`landline`, `message blocking`, `no longer (?:use|in use|in service|used|belongs)`, `(?:cannot|cant|does not|doesnt) (?:receive|accept) (?:text|texts|sms)`, `deceased`)
)

// readAutoReply reads an automatic reply. A text that also has words which are not
// known from automatic replies goes to a person, and no SMS answers it.
func readAutoReply(u utterance) (Meaning, bool) {
	if !autoReplies.MatchString(u.words) {
		return Meaning{}, false
	}
	silence := findSilence(u).level
	unusable := numberUnusable.MatchString(u.words)
	switch {
	case silence == Clear && alsoHuman.MatchString(u.words):
		return Meaning{}, false // a person: "I'm driving, stop texting me"
	case !unusable && !u.question && isAutoReply(u.folded):
		return Meaning{Intent: Nothing}, true
	case unusable || silence != None:
		return Meaning{Silence: Possible, Intent: Unknown}, true
	}
	return Meaning{Intent: Unknown}, true
}
