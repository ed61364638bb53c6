package twilio

import (
	"regexp"
	"slices"
	"strings"
)

// audioTypes maps the types of containers for video to those for audio alone.
var audioTypes = map[string]string{
	"video/mp4": "audio/mp4", "video/quicktime": "audio/mp4", "video/webm": "audio/webm",
	"video/3gpp": "audio/3gpp", "video/3gpp2": "audio/3gpp2",
}

// textTypes are the declared types that are accepted for a text. Browsers execute none
// of them.
var textTypes = []string{
	"text/csv", "text/vcard", "text/x-vcard", "text/directory", "text/calendar", "text/x-vcalendar", "text/x-vlocation",
}

// officeTypes are the declared types that are accepted for office documents, by the
// type that the bytes show. A type that ends with a dot is a prefix: "….document".
var officeTypes = map[string][]string{
	"application/zip": {
		"application/vnd.openxmlformats-officedocument.wordprocessingml.",
		"application/vnd.openxmlformats-officedocument.spreadsheetml.",
		"application/vnd.openxmlformats-officedocument.presentationml.",
		"application/vnd.oasis.opendocument.",
		"application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint", // declared for new files, too
	},
	oldOffice: {"application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"},
}

// audioOrVideo matches types that browsers do not execute.
var audioOrVideo = regexp.MustCompile(`\A(audio|video)/[a-z0-9][a-z0-9.+-]{0,60}\z`)

// chooseType returns the declared type unless the bytes contradict it; else it returns
// found, the type that the bytes show.
func chooseType(found, declared string, data []byte) string {
	class, _, _ := strings.Cut(declared, "/")
	switch {
	case class == "audio" && audioTypes[found] != "":
		return audioTypes[found]
	case found == "application/ogg" && class == "video":
		return "video/ogg"
	case found == "text/plain" && slices.Contains(textTypes, declared) && !strings.HasPrefix(string(trimmedStart(data)), "<"):
		return declared
	case found == "application/octet-stream" && isMP4(data) && class == "audio":
		return "audio/mp4"
	case found == "application/octet-stream" && isMP4(data) && class == "video":
		return "video/mp4"
	case found == "application/octet-stream" && audioOrVideo.MatchString(declared) && !strings.HasPrefix(string(data), "MZ"):
		return declared // many formats have no signature
	}
	for _, office := range officeTypes[found] {
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
