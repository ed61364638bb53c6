package console

import (
	"errors"
	"strings"

	"sidetext/chat"
)

// problemOf returns the text for the merchant about err, or err itself if it is
// not about what was typed.
func problemOf(err error) (text string, other error) {
	var problem *chat.Error
	if errors.As(err, &problem) && problem.Kind == chat.KindInvalid {
		return problem.Text, nil
	}
	return "", err
}

func emailProblem(address string) string {
	switch {
	case address == "":
		return "Please enter the e-mail address shown as Username."
	case strings.Count(address, "@") != 1 || strings.HasPrefix(address, "@") || strings.HasSuffix(address, "@") ||
		strings.ContainsFunc(address, unprintable) || strings.Contains(address, ":"):
		return "This is not an e-mail address. It should look like anna@example.com."
	}
	return ""
}

func sidProblem(sid string) string {
	hex := strings.TrimLeft(strings.TrimPrefix(sid, "AC"), "0123456789abcdef") == ""
	switch {
	case sid == "":
		return "Please paste the Account SID."
	case strings.HasPrefix(sid, "SK"):
		return "This is an API key. Please paste the Account SID, which starts with AC."
	case !strings.HasPrefix(sid, "AC") || len(sid) != 34 || !hex:
		return "An Account SID starts with AC and has 34 characters."
	}
	return ""
}

// unprintable reports whether c can't be part of a key or an address.
func unprintable(c rune) bool { return c <= ' ' || c >= 0x7f }
