package web

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/golang-jwt/jwt/v5"

	"sidetext/chat"
	"sidetext/store"
)

// Cookies carry sessions. A cookie holds a signed token that names the session;
// the store knows whether the session is still valid, so that it can be ended at
// once. The signature keeps invented ids from reaching the store.
type Cookies struct {
	key    []byte
	secure bool // served over https; without it only this machine is served
}

const issuer = "sidetext"

// Name is the cookie's name. __Host- makes browsers insist that it came from
// this very host, over https.
func (k Cookies) Name(role store.SessionRole) string {
	if k.secure {
		return "__Host-sidetext-" + string(role)
	}
	return "sidetext-" + string(role)
}

// SetSession sets the cookie of a session.
func (k Cookies) SetSession(c *fiber.Ctx, session store.Session, now time.Time) error {
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{
		Issuer: issuer, Audience: jwt.ClaimStrings{string(session.Role)}, ID: session.ID,
		ExpiresAt: jwt.NewNumericDate(now.Add(store.SessionLifetime)),
	}).SignedString(k.key)
	if err != nil {
		return fmt.Errorf("sign session: %w", err)
	}
	k.set(c, session.Role, token, now.Add(store.SessionLifetime))
	return nil
}

// Clear removes the cookie of a role.
func (k Cookies) Clear(c *fiber.Ctx, role store.SessionRole) {
	k.set(c, role, "", time.Unix(0, 0))
}

func (k Cookies) set(c *fiber.Ctx, role store.SessionRole, value string, until time.Time) {
	same := fiber.CookieSameSiteStrictMode
	if role == store.MerchantSession {
		// A merchant also comes from a bookmark or a link; nothing is changed
		// by a GET, and nothing else is answered from another site.
		same = fiber.CookieSameSiteLaxMode
	}
	c.Cookie(&fiber.Cookie{
		Name: k.Name(role), Value: value, Path: "/", Expires: until, Secure: k.secure, HTTPOnly: true, SameSite: same,
	})
}

// Read returns the id of the session that a request's cookie names.
func (k Cookies) Read(c *fiber.Ctx, role store.SessionRole, now time.Time) (id string, ok bool) {
	value := c.Cookies(k.Name(role))
	if value == "" || len(value) > 1024 {
		return "", false
	}
	var claims jwt.RegisteredClaims
	parser := jwt.NewParser(jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithExpirationRequired(),
		jwt.WithAudience(string(role)), jwt.WithIssuer(issuer), jwt.WithStrictDecoding(),
		jwt.WithTimeFunc(func() time.Time { return now }))
	_, err := parser.ParseWithClaims(value, &claims, func(*jwt.Token) (any, error) { return k.key, nil })
	return claims.ID, err == nil && claims.ID != ""
}

// Session returns the session of a request, or chat.ErrSignedOut.
func (w *Web) Session(c *fiber.Ctx, role store.SessionRole) (store.Session, error) {
	id, ok := w.Cookies.Read(c, role, w.Now())
	if !ok {
		return store.Session{}, chat.ErrSignedOut
	}
	ctx, cancel := context.WithTimeout(context.Background(), HandleTimeout)
	defer cancel()
	session, err := w.Sessions.Session(ctx, id, role, w.Now())
	if errors.Is(err, chat.ErrNotFound) {
		err = chat.ErrSignedOut
	}
	return session, err
}

// Secure reports whether cookies are sent over https only.
func (k Cookies) Secure() bool { return k.secure }
