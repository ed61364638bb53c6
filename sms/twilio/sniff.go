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
	{"CAFF", "audio/x-caf"},
	{"FLAC", "audio/flac"},
	{"BEGIN:VCARD", "text/vcard"},
	{"BEGIN:VCALENDAR", "text/calendar"},
	{"<SMIL", "application/smil"},
	{"{\\RTF", "application/rtf"},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", oldOffice},
}

// oldOffice is a file of Microsoft Office before 2007, of whichever program.
const oldOffice = "application/x-ole-storage"

// sniff says by its bytes what a file is, and by the type that its sender
// declared where the bytes leave that open. The bytes go first because a declared
// type may be chosen to deceive a browser.
func sniff(data []byte, declared string) string {
	declared, _, _ = strings.Cut(declared, ";")
	return reconcile(recognize(data), strings.ToLower(strings.TrimSpace(declared)), data)
}

// recognize returns the type that the bytes show.
func recognize(data []byte) string {
	if isContainer(data) {
		if kind, ok := brands[string(data[8:11])]; ok {
			return kind
		}
	}
	start := trimmed(data)
	for _, s := range signs {
		if len(start) >= len(s.sign) && strings.EqualFold(string(start[:len(s.sign)]), s.sign) {
			return s.kind
		}
	}
	kind, _, _ := strings.Cut(http.DetectContentType(data), ";")
	if kind == "application/octet-stream" || kind == "text/plain" {
		if sound := frame(data); sound != "" {
			return sound
		}
	}
	return kind
}

// isContainer reports whether a file has the shape of MP4.
func isContainer(data []byte) bool { return len(data) >= 12 && string(data[4:8]) == "ftyp" }

// trimmed is the beginning of data, without what may stand before a text.
func trimmed(data []byte) []byte {
	return bytes.TrimLeft(bytes.TrimPrefix(data[:min(len(data), 64)], []byte("\xef\xbb\xbf")), " \t\r\n")
}

// frame recognizes sound without a header, by its first frame: AAC as ADTS
// (ISO/IEC 13818-7, section 6.2), or MPEG audio of layer II or III (ISO/IEC
// 11172-3, section 2.4.1.3).
func frame(data []byte) string {
	if len(data) < 4 || data[0] != 0xff || data[1]&0xe0 != 0xe0 {
		return ""
	}
	version, layer := data[1]>>3&3, data[1]>>1&3
	switch {
	case layer == 0 && version&2 != 0 && data[2]>>2&0xf < 13: // the rate of samples is one of 13
		return "audio/aac"
	case (layer == 1 || layer == 2) && version != 1 && data[2]>>4 != 0xf && data[2]>>2&3 != 3:
		return "audio/mpeg"
	}
	return ""
}
