package console

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

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

// maxSecret is how long a token or a secret of a vendor may be, in bytes. The known
// ones have less than 100.
const maxSecret = 1024

// secretValue is a form's field that holds a token or a secret. It is not cut: a part
// of one is useless.
func secretValue(c *fiber.Ctx, field string) string {
	return strings.TrimSpace(string(c.Request().PostArgs().Peek(field)))
}

// secretProblem says what is wrong with a token or a secret; what names it.
func secretProblem(secret, what string) string {
	switch {
	case secret == "":
		return "Please paste " + what + "."
	case strings.ContainsFunc(secret, unprintable) || len(secret) > maxSecret:
		return "This can’t be " + what + ": it has no spaces or special characters. Please copy it again."
	}
	return ""
}
