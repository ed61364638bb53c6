package twilio

import (
	"fmt"
	"strconv"

	"sidetext/chat"
)

// Name is how lines and texts of this provider are marked.
const Name = "twilio"

// The answer to a webhook that takes it and says nothing to the shopper. A body
// in plain text would be sent to them as an SMS.
const (
	Ack     = `<?xml version="1.0" encoding="UTF-8"?><Response/>`
	AckType = "text/xml; charset=utf-8"
)

// media is how many pictures and files are looked for. Twilio sends up to ten.
const media = 32

// Inbound reads the text that Twilio delivers in a form. It is generous: who
// sent it may be a number, a short code or a word, the text may be missing, and
// names that we don't know are skipped. Only a text without an id is refused,
// as nothing could tell it from its repetition.
func Inbound(body []byte) (chat.Incoming, error) {
	f := read(body)
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
	// NumMedia is not asked: what is there is taken, whatever was counted.
	for i := range media {
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
