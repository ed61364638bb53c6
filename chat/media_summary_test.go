package chat_test

import (
	"testing"

	"sidetext/chat"
)

func TestNoun(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{
		"image/jpeg": "picture", "image/heic": "picture", "IMAGE/PNG": "picture", "image/gif": "picture",
		"video/3gpp": "video", "video/mp4": "video", "video/quicktime": "video",
		"audio/amr": "voice message", "audio/amr; rate=8000": "voice message", "audio/mp4": "voice message", "audio/mpeg": "voice message", "application/ogg": "voice message",
		"text/vcard": "contact card", "text/x-vcard": "contact card", "text/vcard; charset=utf-8": "contact card", "text/directory": "contact card",
		"application/pdf": "PDF", "text/calendar": "calendar entry", "text/x-vlocation": "location",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document": "document",
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":       "table",
		"application/zip": "file", "application/octet-stream": "file", "application/smil": "file", "text/html": "file", "": "file", "nonsense": "file",
	} {
		if got := (chat.Media{Type: kind}).Noun(); got != want {
			t.Errorf("%q: got %q, want %q", kind, got, want)
		}
	}
}

func TestNameMedia(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		types []string
		want  string
	}{
		"nothing":      {nil, ""},
		"one":          {[]string{"application/pdf"}, "a PDF"},
		"two alike":    {[]string{"image/jpeg", "image/png"}, "2 pictures"},
		"two kinds":    {[]string{"audio/amr", "text/vcard"}, "a voice message and a contact card"},
		"three kinds":  {[]string{"image/jpeg", "video/mp4", "image/png", "application/pdf"}, "2 pictures, a video and a PDF"},
		"odd plural":   {[]string{"text/calendar", "text/calendar"}, "2 calendar entries"},
		"unknown ones": {[]string{"application/zip", "a/b", "c/d"}, "3 files"},
	} {
		var media []chat.Media
		for _, kind := range test.types {
			media = append(media, chat.Media{Type: kind})
		}
		if got := chat.NameMedia(media); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

func TestEntrySummary(t *testing.T) {
	t.Parallel()
	voice := []chat.Media{{Type: "audio/amr"}}
	for want, e := range map[string]chat.Entry{
		"hello":                          {Text: "hello"},
		"Sent a voice message":           {Text: " ", Media: voice},
		"listen! (with a voice message)": {Text: "listen!", Media: voice},
		"":                               {},
	} {
		if got := e.Summary(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
