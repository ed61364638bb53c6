package twilio

import (
	"bytes"
	"net/http"
	"strings"
)

// brands are types with the container format of MP4, by the beginning of their brand
// (ISO/IEC 14496-12, section 4.3; mp4ra.org).
var brands = map[string]string{
	"3gp": "video/3gpp", "3g2": "video/3gpp2",
	"hei": "image/heic", "hev": "image/heic", "mif": "image/heif", "msf": "image/heif", "avi": "image/avif",
	"iso": "video/mp4", "mp4": "video/mp4", "M4V": "video/mp4", "M4A": "audio/mp4", "qt ": "video/quicktime",
}

// fileSignatures are beginnings of files that net/http does not know, in capitals.
var fileSignatures = []struct{ prefix, kind string }{
	{"#!AMR", "audio/amr"},
	{"CAFF", "audio/x-caf"},
	{"FLAC", "audio/flac"},
	{"BEGIN:VCARD", "text/vcard"},
	{"BEGIN:VCALENDAR", "text/calendar"},
	{"<SMIL", "application/smil"},
	{"{\\RTF", "application/rtf"},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", oldOffice},
}

// oldOffice is the type of documents of Microsoft Office before 2007.
const oldOffice = "application/x-ole-storage"

// detectType returns the type of a file by its bytes and, where these are not decisive,
// by the type that its sender declared. The bytes come first because a declared type may
// be chosen to deceive a browser.
func detectType(data []byte, declared string) string {
	declared, _, _ = strings.Cut(declared, ";")
	return chooseType(typeOfBytes(data), strings.ToLower(strings.TrimSpace(declared)), data)
}

// typeOfBytes returns the type that the bytes show.
func typeOfBytes(data []byte) string {
	if isMP4(data) {
		if kind, ok := brands[string(data[8:11])]; ok {
			return kind
		}
	}
	start := trimmedStart(data)
	for _, s := range fileSignatures {
		if len(start) >= len(s.prefix) && strings.EqualFold(string(start[:len(s.prefix)]), s.prefix) {
			return s.kind
		}
	}
	kind, _, _ := strings.Cut(http.DetectContentType(data), ";")
	if kind == "application/octet-stream" || kind == "text/plain" {
		if kind := audioFrame(data); kind != "" {
			return kind
		}
	}
	return kind
}

// isMP4 reports whether a file has the container format of MP4.
func isMP4(data []byte) bool { return len(data) >= 12 && string(data[4:8]) == "ftyp" }

// trimmedStart returns the beginning of data without a byte order mark and white space.
func trimmedStart(data []byte) []byte {
	return bytes.TrimLeft(bytes.TrimPrefix(data[:min(len(data), 64)], []byte("\xef\xbb\xbf")), " \t\r\n")
}

// audioFrame recognizes audio without a header, by its first frame: AAC as ADTS
// (ISO/IEC 13818-7, section 6.2), or MPEG audio of layer II or III (ISO/IEC
// 11172-3, section 2.4.1.3).
func audioFrame(data []byte) string {
	if len(data) < 4 || data[0] != 0xff || data[1]&0xe0 != 0xe0 {
		return ""
	}
	version, layer := data[1]>>3&3, data[1]>>1&3
	switch {
	case layer == 0 && version&2 != 0 && data[2]>>2&0xf < 13: // there are 13 sampling rates
		return "audio/aac"
	case (layer == 1 || layer == 2) && version != 1 && data[2]>>4 != 0xf && data[2]>>2&3 != 3:
		return "audio/mpeg"
	}
	return ""
}
