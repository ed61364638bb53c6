package twilio

import (
	"bytes"
	"net/http"
	"strings"
)

// brands are the kinds of file that share a shape with MP4, by the first word
// in them (ISO/IEC 14496-12, section 4.3; mp4ra.org).
var brands = map[string]string{
	"3gp": "video/3gpp", "3g2": "video/3gpp2",
	"hei": "image/heic", "hev": "image/heic", "mif": "image/heif", "msf": "image/heif", "avi": "image/avif",
	"iso": "video/mp4", "mp4": "video/mp4", "M4V": "video/mp4", "M4A": "audio/mp4", "qt ": "video/quicktime",
}

// signs are how files begin that net/http does not know, in capitals.
var signs = []struct{ sign, kind string }{
	{"#!AMR", "audio/amr"},
	{"BEGIN:VCARD", "text/vcard"},
	{"BEGIN:VCALENDAR", "text/calendar"},
	{"<SMIL", "application/smil"},
}

// sniff says by its bytes what a file is: what its sender says it is may be
// chosen to deceive a browser.
func sniff(data []byte) string {
	if len(data) >= 12 && string(data[4:8]) == "ftyp" {
		if kind, ok := brands[string(data[8:11])]; ok {
			return kind
		}
	}
	start := bytes.TrimLeft(bytes.TrimPrefix(data[:min(len(data), 64)], []byte("\xef\xbb\xbf")), " \t\r\n")
	for _, s := range signs {
		if bytes.HasPrefix(bytes.ToUpper(start), []byte(s.sign)) {
			return s.kind
		}
	}
	kind, _, _ := strings.Cut(http.DetectContentType(data), ";")
	return kind
}
