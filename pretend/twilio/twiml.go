package twilio

import (
	"encoding/xml"
	"mime"
	"strings"
	"time"
)

// A twimlMessage is a TwiML Message, or the older Sms.
type twimlMessage struct {
	To    string   `xml:"to,attr"`
	Text  string   `xml:",chardata"`
	Body  string   `xml:"Body"`
	Media []string `xml:"Media"`
}

// parseTwiML returns the texts in a webhook's response, or an error code. A text/plain body is
// itself a text; HTML is parsed as TwiML (twilio.com/docs/api/2008-08-01/twiml/sms/your_response).
func parseTwiML(contentType, body string) (replies []twimlMessage, failure string) {
	if strings.TrimSpace(body) == "" {
		return nil, ""
	}
	kind, _, _ := mime.ParseMediaType(contentType)
	switch kind {
	case "text/plain":
		return []twimlMessage{{Body: body}}, ""
	case "text/xml", "application/xml", "text/html":
	default:
		return nil, "12300"
	}
	var response struct {
		XMLName  xml.Name
		Messages []twimlMessage `xml:"Message"`
		Sms      []twimlMessage `xml:"Sms"`
	}
	if err := xml.Unmarshal([]byte(body), &response); err != nil {
		return nil, "12100"
	}
	if response.XMLName.Local != "Response" {
		return nil, "12102"
	}
	for _, v := range append(response.Messages, response.Sms...) {
		if v.Body == "" {
			v.Body = strings.TrimSpace(v.Text)
		}
		replies = append(replies, v)
	}
	return replies[:min(len(replies), 10)], ""
}

// reply sends the texts in a webhook's response, without status callbacks.
func (t *Twilio) reply(number, phone string, replies []twimlMessage) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, v := range replies {
		m := &Message{
			SID: newSID("SM"), From: number, To: phone, Body: v.Body,
			Direction: "outbound-reply", Status: "delivered", Created: time.Now(), Sent: time.Now(),
		}
		if v.To != "" {
			m.To = v.To
		}
		for _, address := range v.Media {
			m.Media = append(m.Media, Media{URL: address})
		}
		blocked := t.blocked[pair{number, m.To}]
		if blocked {
			m.Status, m.ErrorCode, m.Sent = "failed", 21610, time.Time{}
		}
		if t.addToLog(m) && !blocked {
			t.showOnPhone(m)
		}
	}
}
