package gorgias

import (
	"regexp"
	"strings"

	"sidetext/chat"
)

var accountName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// reservedHosts are hosts below gorgias.com that are no helpdesk. Some are run by
// other companies, so an API key must not be sent there.
var reservedHosts = map[string]bool{
	"www": true, "docs": true, "developers": true, "updates": true, "status": true, "link": true,
}

// ParseAccount extracts the name of a helpdesk account from user input: "acme",
// "acme.gorgias.com", "https://acme.gorgias.com/api/" or the address of any page
// of the helpdesk. The name matches ^[a-z0-9][a-z0-9-]{0,62}$. Only the name is
// used, never a host, so that an API key cannot be sent elsewhere. Errors are of
// type *chat.Error.
func ParseAccount(pasted string) (string, error) {
	s := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(pasted), "<"), ">") // mail programs write addresses as <…>
	if s == "" {
		return "", chat.Invalid("Please enter the address of your helpdesk, like acme.gorgias.com.")
	}
	for _, c := range []byte(s) {
		// Check before lowering: some non-ASCII letters have an ASCII lower case.
		if c <= ' ' || c >= 0x7f {
			return "", chat.Invalid("The address of a helpdesk has only plain letters, digits and hyphens, like acme.gorgias.com.")
		}
	}
	s = strings.ToLower(s)
	if strings.HasPrefix(s, "http://") {
		return "", chat.Invalid("The address has to begin with https://, not http://, so that your key stays secret.")
	}
	rest, hasScheme := strings.CutPrefix(s, "https://")
	host, _, hasPath := strings.Cut(rest, "/")
	name, isGorgias := strings.CutSuffix(strings.TrimSuffix(strings.TrimSuffix(host, ":443"), "."), ".gorgias.com")
	if !isGorgias && (hasScheme || hasPath && strings.Contains(host, ".")) {
		return "", chat.Invalid("This is not the address of a Gorgias helpdesk. It should end in .gorgias.com, like acme.gorgias.com.")
	}
	if !accountName.MatchString(name) || strings.HasPrefix(name, "xn--") || reservedHosts[name] {
		return "", chat.Invalid("This is not the address of a Gorgias helpdesk. It should look like acme.gorgias.com.")
	}
	return name, nil
}
