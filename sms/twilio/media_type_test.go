package twilio_test

import (
	"testing"

	"sidetext/sms/twilio"
)

func TestDetectType(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		"\xff\xd8\xff\xe0":                         "image/jpeg",
		"\x89PNG\r\n\x1a\n":                        "image/png",
		"GIF89a":                                   "image/gif",
		"RIFF\x00\x00\x00\x00WEBPVP8":              "image/webp",
		"\x00\x00\x00\x18ftyp3gp5\x00":             "video/3gpp",
		"\x00\x00\x00\x18ftyp3g2a\x00":             "video/3gpp2",
		"\x00\x00\x00\x18ftypheic\x00":             "image/heic",
		"\x00\x00\x00\x18ftypmif1\x00":             "image/heif",
		"\x00\x00\x00\x18ftypavif\x00":             "image/avif",
		"\x00\x00\x00\x18ftypqt  \x00":             "video/quicktime",
		"\x00\x00\x00\x18ftypM4A \x00":             "audio/mp4",
		"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00": "video/mp4",
		"\x00\x00\x00\x18ftyp":                     "application/octet-stream",
		"#!AMR\n":                                  "audio/amr",
		"#!AMR-WB\n":                               "audio/amr",
		"BEGIN:VCARD\r\nVERSION:3.0":               "text/vcard",
		"\xef\xbb\xbfbegin:vcard":                  "text/vcard",
		"BEGIN:VCALENDAR":                          "text/calendar",
		"<smil><head>":                             "application/smil",
		"%PDF-1.7":                                 "application/pdf",
		"<html><script>alert(1)</script>":          "text/html",
		"plain words":                              "text/plain",
		"\x00\x01\x02":                             "application/octet-stream",
	} {
		if got := twilio.DetectType([]byte(data), "application/octet-stream"); got != want {
			t.Errorf("%q: %s, want %s", data, got, want)
		}
	}
}

// The declared type decides only where the bytes are not decisive.
func TestDeclaredType(t *testing.T) {
	t.Parallel()
	const (
		mp4    = "\x00\x00\x00\x18ftypmp42\x00"
		isom   = "\x00\x00\x00\x18ftypisom\x00"
		odd    = "\x00\x00\x00\x18ftypdash\x00"
		zip    = "PK\x03\x04\x14\x00"
		office = "application/vnd.openxmlformats-officedocument."
		octet  = "application/octet-stream"
		page   = "<!DOCTYPE html><script>alert(1)</script>"
		svg    = `<svg xmlns="http://www.w3.org/2000/svg">`
	)
	for _, test := range []struct{ data, declared, want string }{
		// Audio in containers.
		{mp4, "audio/mp4", "audio/mp4"}, {mp4, "audio/x-m4a", "audio/mp4"}, {isom, "Audio/AAC; rate=1", "audio/mp4"},
		{"\x00\x00\x00\x18ftyp3gp4\x00", "audio/3gpp", "audio/3gpp"}, {"\x00\x00\x00\x18ftyp3g2a\x00", "audio/3gpp2", "audio/3gpp2"},
		{"\x1aE\xdf\xa3", "audio/webm", "audio/webm"}, {odd, "audio/mp4", "audio/mp4"}, {odd, "video/mp4", "video/mp4"}, {odd, octet, octet},
		{mp4, "video/mp4", "video/mp4"}, {mp4, "image/jpeg", "video/mp4"}, {mp4, "", "video/mp4"},
		{"\x00\x00\x00\x18ftypheic\x00", "audio/mp4", "image/heic"},
		// Audio without a container.
		{"caff\x00\x01\x00\x00desc", "audio/x-caf", "audio/x-caf"}, {"caff\x00\x01\x00\x00desc", octet, "audio/x-caf"},
		{"\xff\xf1\x50\x80\x02\x1f", "audio/aac", "audio/aac"}, {"\xff\xf9\x50\x80\x00", octet, "audio/aac"},
		{"\xff\xfb\x90\x44\x00", "audio/mpeg", "audio/mpeg"}, {"\xff\xf3\x40\xc0", "audio/mp3", "audio/mpeg"},
		{"#!AMR\n", "video/3gpp", "audio/amr"}, {"\x00\x01\x02", "audio/qcelp", "audio/qcelp"}, {"\x00\x00\x01\xba", "video/mpeg", "video/mpeg"},
		{"\xff\xfeh\x00i\x00", "audio/mpeg", "text/plain"}, {"\x00\x01\x02", "audio/<b>", octet},
		// Documents.
		{zip, office + "wordprocessingml.document", office + "wordprocessingml.document"}, {zip, "application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"},
		{zip, "application/msword", "application/msword"}, {zip, "application/pdf", "application/zip"}, {zip, "text/html", "application/zip"},
		{zip, office + "wordprocessingml.<b>", "application/zip"}, {zip, "application/java-archive", "application/zip"},
		{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword", "application/msword"}, {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "image/png", octet},
		{"%PDF-1.7", office + "wordprocessingml.document", "application/pdf"}, {"{\\rtf1", "text/plain", "application/rtf"},
		// Texts.
		{"name,price\n", "text/csv", "text/csv"}, {"name,price\n", "text/csv; charset=utf-8", "text/csv"}, {"N:Jane\n", "text/x-vcard", "text/x-vcard"},
		{"SUMMARY:x", "text/calendar", "text/calendar"}, {"BEGIN:VCARD", "text/plain", "text/vcard"}, {"hello", "text/html", "text/plain"},
		{"alert(1)", "text/javascript", "text/plain"}, {"hello", "audio/mpeg", "text/plain"},
		// Types chosen to deceive a browser.
		{page, "text/csv", "text/html"}, {page, "audio/mp4", "text/html"}, {svg, "text/vcard", "text/plain"}, {svg, "image/svg+xml", "text/plain"},
		{"\x00\x01\x02", "image/png", octet}, {"\x00\x01\x02", "text/html", octet}, {"MZ\x90\x00\x03", "audio/mpeg", octet},
		{"\xff\xd8\xff\xe0", "audio/mpeg", "image/jpeg"},
	} {
		if got := twilio.DetectType([]byte(test.data), test.declared); got != test.want {
			t.Errorf("%q, declared %s: %s, want %s", test.data, test.declared, got, test.want)
		}
	}
}
