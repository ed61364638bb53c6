package twilio

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// isURL reports whether s is a valid URL of a webhook: at most 4,000 characters, and
// no underscore in the host.
func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && !strings.Contains(u.Hostname(), "_") &&
		len(s) <= 4000 && !strings.ContainsAny(s, " \t\r\n")
}

// isValidity reports whether s is a valid ValidityPeriod in seconds.
func isValidity(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= 1 && n <= 36_000
}

// isPhone reports whether s is a phone number in E.164.
func isPhone(s string) bool {
	return len(s) >= 8 && len(s) <= 16 && s[0] == '+' && s[1] != '0' && strings.Trim(s[1:], "0123456789") == ""
}

func isShortCode(s string) bool {
	return (len(s) == 5 || len(s) == 6) && s[0] != '0' && strings.Trim(s, "0123456789") == ""
}

// alphanumeric matches alphanumeric sender IDs, which have at least one letter.
var alphanumeric = regexp.MustCompile(`^[A-Za-z0-9 +_&-]{0,10}[A-Za-z][A-Za-z0-9 +_&-]{0,10}$`)
