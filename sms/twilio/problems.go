package twilio

import (
	"net/http"
	"strconv"
	"time"

	"sidetext/chat"
)

// accountRetry is how long an account waits before it tries again what only a person can
// repair: a new token, another account.
const accountRetry = 5 * time.Minute

// codeEffects are the effects of error codes. A code without an entry rejects one text
// and has no other effect.
var codeEffects = map[string]chat.SendError{
	"unreachable": {Outcome: chat.NotSent},
	"late":        {Outcome: chat.NotSent},
	"silent":      {Outcome: chat.NotSent},
	"no_answer":   {Outcome: chat.MaybeSent},
	"unreadable":  {Outcome: chat.MaybeSent},
	"mixed_up":    {Outcome: chat.MaybeSent},

	"media_later": {Outcome: chat.NotSent},

	"20003": {Outcome: chat.Rejected, WholeAccount: true, RetryAfter: accountRetry},
	"20404": {Outcome: chat.Rejected, WholeAccount: true, RetryAfter: accountRetry},
	"20429": {Outcome: chat.NotSent, WholeAccount: true},
	"60728": {Outcome: chat.NotSent, WholeAccount: true, RetryAfter: 15 * time.Minute},
	"63038": {Outcome: chat.NotSent, WholeAccount: true, RetryAfter: time.Hour},
	"21611": {Outcome: chat.NotSent, RetryAfter: time.Minute},

	// With a messaging service this comes later, as a status.
	"21610": {Outcome: chat.Rejected, OptedOut: true},
	"30039": {Outcome: chat.Rejected, Looped: true},
	"14107": {Outcome: chat.Rejected, Looped: true},
}

// problemTexts explain codes to agents: our own, Twilio's final states, and Twilio's
// error codes (twilio.com/docs/api/errors).
var problemTexts = map[string]string{
	"setup":       "Twilio's address in the settings is not valid.",
	"unreachable": "Twilio can't be reached.",
	"late":        "The server was held up, so this text was not sent in time.",
	"silent":      "Twilio was asked and gave no clear answer.",
	"mixed_up":    "Twilio answered for another text. This one may have been sent.",
	"gone":        "Twilio does not know this text any more.",
	"no_answer":   "Twilio was asked to send this text and gave no clear answer. It may have been sent.",
	"unreadable":  "Twilio took this text, but its answer could not be read. It was probably sent.",
	"refused":     "Twilio refused this text.",

	"media_address": "This file is not where Twilio keeps files, so it was not fetched.",
	"media_gone":    "Twilio does not have this file any more.",
	"media_large":   "This file is larger than 10 MB.",
	"media_later":   "Twilio does not hand out this file yet.",

	"canceled":    "This text was cancelled before it was sent.",
	"failed":      "Twilio could not send this text.",
	"undelivered": "The carrier did not deliver this text.",

	"20003": "Twilio does not accept the account's credentials. Please check the connection to Twilio.",
	"20404": "Twilio does not know this account. Please check the connection to Twilio.",
	"20429": "Twilio is taking no more texts for a moment.",

	"21211": "This is not a valid phone number.",
	"21212": "The shop's number is not valid. Please check the connection to Twilio.",
	"21408": "Twilio is not allowed to text this country. It can be switched on in Twilio's messaging settings.",
	"21602": "A text can't be empty.",
	"21606": "The shop's number does not belong to this Twilio account, or can't send texts.",
	"21608": "This Twilio account is on trial and may only text numbers that were verified in Twilio.",
	"21610": "The shopper has opted out of texts from this number.",
	"21611": "Too many texts are waiting to leave from the shop's number.",
	"21612": "This number can't be reached from the shop's number.",
	"21614": "This is not a mobile number.",
	"21617": "The text is too long: 1,600 characters are the most.",
	"21620": "The picture's address is not valid.",
	"21623": "The text has too many pictures.",
	"21635": "This is a landline; it can't be texted.",
	"21703": "The messaging service has no number to send from. Please check it in Twilio.",
	"21704": "The messaging service has no numbers. Please check it in Twilio.",
	"21705": "The messaging service is not valid. Please check the connection to Twilio.",
	"21711": "The shop's number is not in the messaging service. Please check it in Twilio.",

	"30001": "Too many texts are waiting to leave from the shop's number.",
	"30002": "The Twilio account is suspended.",
	"30003": "The phone is switched off or out of reach.",
	"30004": "The shopper or their carrier blocks texts from this number.",
	"30005": "This number is not in use.",
	"30006": "This is a landline, or its carrier takes no texts.",
	"30007": "The carrier took this text for spam. The same words will be stopped again.",
	"30008": "The carrier did not deliver this text and does not say why.",
	"30011": "The shopper's carrier takes no pictures.",
	"30019": "The picture is too large for the shopper's carrier.",
	"30022": "The carrier takes no more texts from this number for a moment.",
	"30023": "The carrier takes no more texts from this shop today.",
	"30032": "The shop's toll-free number is not verified yet. It has to be verified in Twilio.",
	"30034": "The shop's number is not registered with the US carriers (A2P 10DLC). It has to be registered in Twilio.",
	"30036": "The text waited for too long and was not sent.",
	"30039": "Twilio stopped this text, as the conversation looked like two machines answering each other.",
	"30410": "The carrier did not answer in time.",
	"30450": "Twilio held this text back as a protection against fraud.",
	"30610": "The text was held back, as it is too late or too early where the shopper is.",
	"30640": "Twilio held this text back, as the number is on a list of people who sue over texts.",
	"60728": "The Twilio account has reached its limit for this hour.",
	"63038": "The Twilio account has reached its limit for today.",
	"14107": "Twilio stopped this text, as there were too many within a short time.",
}

// problemFor returns the explanation of a code for agents.
func problemFor(code string) chat.Problem {
	text, known := problemTexts[code]
	if !known {
		text = "The carrier did not deliver this text (code " + code + ")."
	}
	return chat.Problem{Code: code, Text: text}
}

// newSendError returns the error for a request that failed with a code.
func newSendError(code string, cause error) *chat.SendError {
	e, ok := codeEffects[code]
	if !ok {
		e.Outcome = chat.Rejected
	}
	e.Problem, e.Cause = problemFor(code), cause
	return &e
}

// refusalError returns the error for an answer that means that Twilio did not do what
// was requested; ok is false if Twilio may have done it.
func refusalError(f apiError) (e *chat.SendError, ok bool) {
	switch {
	case f.status == http.StatusTooManyRequests || f.Code == 20429:
		e = newSendError("20429", f)
		e.RetryAfter = f.retryAfter
	case f.status == http.StatusUnauthorized:
		e = newSendError("20003", f)
	case f.status == http.StatusRequestTimeout || f.status < 400 || f.status >= 500:
		return nil, false
	case f.Code == 0:
		e = newSendError("refused", f)
	default:
		e = newSendError(strconv.Itoa(f.Code), f)
	}
	return e, true
}
