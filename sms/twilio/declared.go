package twilio

import (
	"regexp"
	"slices"
	"strings"
)

// sounds are the containers that hold video or sound alone, and their types when
// they hold sound alone.
var sounds = map[string]string{
	"video/mp4": "audio/mp4", "video/quicktime": "audio/mp4", "video/webm": "audio/webm",
	"video/3gpp": "audio/3gpp", "video/3gpp2": "audio/3gpp2",
}

// texts are the declared types that a text may have. None can run in a browser.
var texts = []string{
	"text/csv", "text/vcard", "text/x-vcard", "text/directory", "text/calendar", "text/x-vcalendar", "text/x-vlocation",
}

// offices are the declared types that a file of an office program may have, by
// what its bytes show. The last part of a type may be longer: "….document".
var offices = map[string][]string{
	"application/zip": {
		"application/vnd.openxmlformats-officedocument.wordprocessingml.",
		"application/vnd.openxmlformats-officedocument.spreadsheetml.",
		"application/vnd.openxmlformats-officedocument.presentationml.",
		"application/vnd.oasis.opendocument.",
		"application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint", // said of new files, too
	},
	oldOffice: {"application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"},
}

// heard matches the types of sound and video, of which no browser runs any.
var heard = regexp.MustCompile(`\A(audio|video)/[a-z0-9][a-z0-9.+-]{0,60}\z`)

// reconcile returns the declared type where the bytes, which show found, do not
// contradict it, and found where they do.
func reconcile(found, declared string, data []byte) string {
	class, _, _ := strings.Cut(declared, "/")
	switch {
	case class == "audio" && sounds[found] != "":
		return sounds[found]
	case found == "application/ogg" && class == "video":
		return "video/ogg"
	case found == "text/plain" && slices.Contains(texts, declared) && !strings.HasPrefix(string(trimmed(data)), "<"):
		return declared
	case found == "application/octet-stream" && isContainer(data) && class == "audio":
		return "audio/mp4"
	case found == "application/octet-stream" && isContainer(data) && class == "video":
		return "video/mp4"
	case found == "application/octet-stream" && heard.MatchString(declared) && !strings.HasPrefix(string(data), "MZ"):
		return declared // one of the many formats without a sign
	}
	for _, office := range offices[found] {
		if declared == office || strings.HasSuffix(office, ".") && strings.HasPrefix(declared, office) && plainType.MatchString(declared) {
			return declared
		}
	}
	if found == oldOffice {
		return "application/octet-stream"
	}
	return found
}

var plainType = regexp.MustCompile(`\A[a-z0-9./-]{1,100}\z`)
