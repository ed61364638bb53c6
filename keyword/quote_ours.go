package keyword

import (
	"regexp"
	"strings"
)

// Instructions in texts of shops and carriers: "Reply STOP to end texts". Shoppers
// who want silence do not write so.
var (
	instructionLike   = regexp.MustCompile(`(?i)\b(?:stop|stopall|alto|arr[eê]t|baja|cancel|unsubscribe|quit|end)['"”’»]?\s+(?:to|2|for|para|pour)\b|\b(?:reply|text|txt|send|respond|envi[ea]|responda|responde|r[eé]pondez|textez)\s+(?:with\s+)?['"“‘«]?\s?(?:stop|alto|arr[eê]t|baja)|unsubscribed\.|fwd?:|msg ?& ?data`)
	optOutInstruction = regexp.MustCompile(`\b(?:(?:reply|text|txt|send|respond|type|envia|envie|responda|responde|repondez|textez|envoyez) (?:with |the word |con |la palabra |avec |par )*)?(?:stop|stopall|unsubscribe|alto|arret|baja|cancel|quit|end) (?:to|2|for|para|pour) (?:end|stop|quit|opt out|optout|cancel|unsubscribe|leave|terminar|cancelar|salir|dejar|parar|darse|arreter|annuler|desabonner|se desabonner|vous desabonner|mettre fin|no more)(?: (?:texts?|messages?|all|these|receiving|sms|promos|de recibir|mensajes|textos|les|de|los))*|\b(?:reply|text|txt|send|respond with|envia|envie|responda|repondez|textez) (?:stop|alto|arret|baja)\b`)
)

// carrierTexts are sent by carriers and are in no conversation (Twilio's defaults and
// those of the toll-free network).
var carrierTexts = []string{
	"You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to resubscribe.",
	"You have successfully been re-subscribed to messages from this number. Reply HELP for help. Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
	"Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
	`NETWORK MSG: You replied with the word "stop" which blocks all texts sent from this number. Text back "unstop" to receive messages again.`,
	`NETWORK MSG: You have replied "unstop" and will begin receiving messages again from this number.`,
	"You are unsubscribed from this number. No more messages will be sent. Reply START to resubscribe.",
}

// isOurs reports whether a quotation is a text of ours or an opt-out instruction,
// which only shops and carriers give.
func isOurs(quoted string, ours []string) bool {
	return isSent(quoted, ours) || optOutInstruction.MatchString(quoted)
}

// isSent reports whether a quotation is one of our texts or a part of it, which a
// phone may have cut anywhere.
func isSent(quoted string, ours []string) bool {
	if quoted == "" {
		return false
	}
	const enough = 12 // bytes, so that it can be part of one text only
	for _, sent := range ours {
		switch {
		case quoted == sent:
			return true
		case len(quoted) >= enough && strings.HasPrefix(sent, quoted):
			return true
		case len(quoted) >= enough && strings.Count(quoted, " ") >= 2 && strings.Contains(" "+sent+" ", " "+quoted):
			return true
		case len(sent) >= enough && strings.HasSuffix(quoted, " "+sent):
			return true // a trial account adds words in front
		}
	}
	return false
}
