package chat

import (
	"fmt"
	"slices"
	"strings"
)

// Noun names the type of m for people: "picture", "voice message", "PDF". An
// uncommon type is a "file".
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
		return "voice message" // nearly all audio from phones is
	}
	for _, family := range fileFamilies {
		if strings.HasPrefix(kind, family.prefix) {
			return family.noun
		}
	}
	return "file"
}

// fileNouns names the types that their first half ("text", "application") does not
// describe, as far as phones send and Twilio delivers them
// (twilio.com/docs/messaging/guides/accepted-mime-types).
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

// NameMedia lists media by type: "a picture", "2 pictures and a PDF". It returns
// "" for none.
func NameMedia(media []Media) string {
	var nouns []string
	number := map[string]int{}
	for _, m := range media {
		noun := m.Noun()
		if number[noun]++; !slices.Contains(nouns, noun) {
			nouns = append(nouns, noun)
		}
	}
	var parts []string
	for _, noun := range nouns {
		switch n := number[noun]; {
		case n == 1:
			parts = append(parts, "a "+noun)
		case strings.HasSuffix(noun, "entry"):
			parts = append(parts, fmt.Sprintf("%d %sies", n, strings.TrimSuffix(noun, "y")))
		default:
			parts = append(parts, fmt.Sprintf("%d %ss", n, noun))
		}
	}
	if last := len(parts) - 1; last > 0 {
		return strings.Join(parts[:last], ", ") + " and " + parts[last]
	}
	return strings.Join(parts, "")
}

// Summary describes a text and its files for a card or a notification: "hello
// (with a picture)".
func (e Entry) Summary() string {
	files := NameMedia(e.Media)
	switch {
	case files == "":
		return e.Text
	case isBlank(e.Text):
		return "Sent " + files
	}
	return e.Text + " (with " + files + ")"
}
