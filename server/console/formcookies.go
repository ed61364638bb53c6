package console

import (
	"bytes"
	"compress/flate"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/gofiber/fiber/v2"
)

// FormCookies remember, in the browser, what the next page should show and an
// address must not contain: what was typed into a form, and what an import brought.
// So they work on every node. A cookie is encrypted, bound to the session, and
// expires after formTime. Secrets are not kept: a form asks for them again.
type FormCookies struct {
	aead   cipher.AEAD
	secure bool // served over https
	now    func() time.Time
}

const (
	formTime = time.Hour
	// maxCookie is the size of a cookie's value, in bytes: the server reads at
	// most 4 KiB of headers.
	maxCookie = 1500
	// maxRemembered limits what is decompressed, in bytes.
	maxRemembered = 16 << 10
)

// A formCookie is one of the cookies, and the part of the site that gets it.
type formCookie struct{ name, path string }

var (
	gorgiasCookie = formCookie{"gorgias", "/connect/gorgias"}
	numberCookie  = formCookie{"number", "/connect/number"}
	shopifyCookie = formCookie{"shopify", "/connect/shopify"}
	importCookie  = formCookie{"import", "/shoppers"}
)

// NewFormCookies makes FormCookies that are encrypted with a key of 32 bytes.
func NewFormCookies(key []byte, secure bool, now func() time.Time) (f FormCookies, err error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return f, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return FormCookies{aead, secure, now}, err
}

// A remembered value is what a cookie contains.
type remembered struct {
	Until int64           `json:"until"` // in Unix seconds
	Value json.RawMessage `json:"value"`
}

// save sets a cookie. It reports false if value is too large for one.
func (f FormCookies) save(c *fiber.Ctx, v visit, one formCookie, value any) (bool, error) {
	until := f.now().Add(formTime)
	inner, err := json.Marshal(value)
	if err != nil {
		return false, fmt.Errorf("encode form: %w", err)
	}
	data, err := json.Marshal(remembered{until.Unix(), inner})
	if err != nil {
		return false, fmt.Errorf("encode form: %w", err)
	}
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		return false, fmt.Errorf("compress form: %w", err)
	}
	_, err = w.Write(data)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return false, fmt.Errorf("compress form: %w", err)
	}
	text := base64.RawURLEncoding.EncodeToString(f.aead.Seal(nil, nil, packed.Bytes(), one.binding(v)))
	if len(text) > maxCookie {
		return false, nil
	}
	f.set(c, one, text, until)
	return true, nil
}

// read reads a cookie into value. It reports false if there is none that is valid.
func (f FormCookies) read(c *fiber.Ctx, v visit, one formCookie, value any) bool {
	sealed, err := base64.RawURLEncoding.DecodeString(c.Cookies(f.cookieName(one)))
	if err != nil || len(sealed) == 0 {
		return false
	}
	packed, err := f.aead.Open(nil, nil, sealed, one.binding(v))
	if err != nil {
		return false
	}
	var in remembered
	data, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), maxRemembered))
	if err != nil || json.Unmarshal(data, &in) != nil || f.now().Unix() > in.Until {
		return false
	}
	return json.Unmarshal(in.Value, value) == nil
}

// forget removes a cookie.
func (f FormCookies) forget(c *fiber.Ctx, one formCookie) { f.set(c, one, "", time.Unix(0, 0)) }

func (f FormCookies) set(c *fiber.Ctx, one formCookie, text string, until time.Time) {
	c.Cookie(&fiber.Cookie{
		Name: f.cookieName(one), Value: text, Path: one.path, Expires: until, Secure: f.secure, HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode,
	})
}

func (f FormCookies) cookieName(one formCookie) string {
	if f.secure {
		return "__Secure-sidetext-form-" + one.name
	}
	return "sidetext-form-" + one.name
}

// binding is what a cookie is bound to: no other cookie and no other session can
// use its value.
func (one formCookie) binding(v visit) []byte { return []byte(one.name + "/" + v.session.ID) }
