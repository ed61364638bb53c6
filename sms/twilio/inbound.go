package twilio

import (
	"fmt"
	"strconv"

	"sidetext/chat"
)

// Name is the name of this provider in lines and texts.
const Name = "twilio"

// Ack is the answer that accepts a webhook, of type AckType. Twilio would send a body in
// plain text to the shopper.
const (
	Ack     = `<?xml version="1.0" encoding="UTF-8"?><Response/>`
	AckType = "text/xml; charset=utf-8"
)

// maxMedia is the most pictures and files that are read. Twilio sends up to ten.
const maxMedia = 32

// Inbound parses the form by which Twilio delivers a text. The sender may be a number, a
// short code or a word, the body may be missing, and unknown names are ignored. Only a
// text without an id is refused, because its repetition could not be recognised.
func Inbound(body []byte) (chat.Incoming, error) {
	f := parseForm(body)
	in := chat.Incoming{
		Provider: Name,
		Account:  f.get("AccountSid"),
		ID:       f.get("MessageSid", "SmsMessageSid", "SmsSid"),
		From:     chat.Phone(f.get("From")),
		To:       chat.Phone(f.get("To")),
		Text:     f.get("Body"),
	}
	if in.ID == "" {
		return chat.Incoming{}, fmt.Errorf("twilio: read text: %w", chat.Invalid("The request has no MessageSid."))
	}
	// NumMedia is ignored: it may be wrong.
	for i := range maxMedia {
		n := strconv.Itoa(i)
		if url := f.get("MediaUrl" + n); url != "" {
			in.Media = append(in.Media, chat.Media{Type: f.get("MediaContentType" + n), URL: url})
		}
	}
	switch word := chat.CarrierKeyword(f.get("OptOutType")); word {
	case chat.Stop, chat.Start, chat.Help:
		in.Keyword = word
	}
	return in, nil
}
