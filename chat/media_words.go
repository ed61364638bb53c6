package chat

import (
	"fmt"
	"slices"
	"strings"
)

// Noun says in words for people what sort of file m is: "picture", "voice
// message", "PDF". A type that says nothing to people is a "file".
func (m Media) Noun() string {
	kind, _, _ := strings.Cut(m.Type, ";") // parameters: "audio/amr; rate=8000"
	kind = strings.ToLower(strings.TrimSpace(kind))
	if noun := fileNouns[kind]; noun != "" {
		return noun
	}
	switch class, _, _ := strings.Cut(kind, "/"); class {
	case "image":
		return "picture"
	case "video":
		return "video"
	case "audio":
		return "voice message" // what phones send as sound is nearly always one
	}
	for _, family := range fileFamilies {
		if strings.HasPrefix(kind, family.prefix) {
			return family.noun
		}
	}
	return "file"
}

// fileNouns are the types whose class says nothing about them: those that phones
// send and Twilio delivers (twilio.com/docs/messaging/guides/accepted-mime-types).
var fileNouns = map[string]string{
	"text/vcard": "contact card", "text/x-vcard": "contact card", "text/directory": "contact card", "application/vcard": "contact card",
	"text/x-vlocation": "location",
	"text/calendar":    "calendar entry", "text/x-vcalendar": "calendar entry",
	"application/pdf": "PDF", "application/x-pdf": "PDF",
	"application/ogg": "voice message",
	"text/plain":      "text file", "text/csv": "table",
	"application/msword": "document", "application/rtf": "document", "text/rtf": "document",
	"application/vnd.ms-excel": "table", "application/vnd.ms-powerpoint": "presentation",
}

var fileFamilies = []struct{ prefix, noun string }{
	{"application/vnd.openxmlformats-officedocument.wordprocessingml", "document"},
	{"application/vnd.openxmlformats-officedocument.spreadsheetml", "table"},
	{"application/vnd.openxmlformats-officedocument.presentationml", "presentation"},
	{"application/vnd.oasis.opendocument.text", "document"},
	{"application/vnd.oasis.opendocument.spreadsheet", "table"},
}

// NameMedia names what came with a text: "a picture", "2 pictures and a PDF".
// It returns "" for nothing.
func NameMedia(media []Media) string {
	var nouns []string
	number := map[string]int{}
	for _, m := range media {
		noun := m.Noun()
		if number[noun]++; !slices.Contains(nouns, noun) {
			nouns = append(nouns, noun)
		}
	}
	var said []string
	for _, noun := range nouns {
		switch n := number[noun]; {
		case n == 1:
			said = append(said, "a "+noun)
		case strings.HasSuffix(noun, "entry"):
			said = append(said, fmt.Sprintf("%d %sies", n, strings.TrimSuffix(noun, "y")))
		default:
			said = append(said, fmt.Sprintf("%d %ss", n, noun))
		}
	}
	if last := len(said) - 1; last > 0 {
		return strings.Join(said[:last], ", ") + " and " + said[last]
	}
	return strings.Join(said, "")
}

// Words is a text on one line of its own, for a card or a notification: what
// was said and, in brackets, what came with it.
func (e Entry) Words() string {
	files := NameMedia(e.Media)
	switch {
	case files == "":
		return e.Text
	case blank(e.Text):
		return "Sent " + files
	}
	return e.Text + " (with " + files + ")"
}
