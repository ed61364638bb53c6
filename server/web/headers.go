package web

import (
	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
)

// securityHeaders sets the headers that every response has.
func securityHeaders(c *fiber.Ctx) error {
	setHeaders(c)
	return c.Next()
}

func setHeaders(c *fiber.Ctx) {
	for name, value := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
			"font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Permissions-Policy":           "camera=(), microphone=(), geolocation=()",
		"Referrer-Policy":              "no-referrer",
		"Strict-Transport-Security":    "max-age=31536000",
		"X-Content-Type-Options":       "nosniff",
		"X-Frame-Options":              "DENY",
		"Cache-Control":                "no-store",
	} {
		c.Set(name, value)
	}
}

// refuseCompressed refuses a compressed body: no vendor and no browser sends
// one, and a few kilobytes can hold gigabytes.
func refuseCompressed(c *fiber.Ctx) error {
	if len(c.Request().Header.PeekAll(fiber.HeaderContentEncoding)) > 0 {
		return chat.Invalid("The request should not be compressed.")
	}
	return c.Next()
}

// cached lets browsers store our own files, and revalidate them.
func cached(c *fiber.Ctx) error {
	c.Set("Cache-Control", "no-cache")
	return c.Next()
}

// SameOrigin lets only our own pages make a request that changes something. A
// browser says where a request comes from; without that the Origin header must
// be ours.
func (w *Web) SameOrigin(c *fiber.Ctx) error {
	from := c.Get("Sec-Fetch-Site")
	if from == "same-origin" || (from == "" && c.Get("Origin") == w.PublicURL) {
		return c.Next()
	}
	return &chat.Error{Kind: chat.KindForbidden, Code: "cross_origin", Text: "This can only be done from Sidetext's own pages."}
}
