package stage

import (
	"crypto/hkdf"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"sidetext/store"
)

// SignedCookie is the value of a cookie for a session.
func (s *Stage) SignedCookie(t testing.TB, role store.SessionRole, id string, key []byte) string {
	t.Helper()
	value, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{
		Issuer: "sidetext", Audience: jwt.ClaimStrings{string(role)}, ID: id, ExpiresAt: jwt.NewNumericDate(time.Now().Add(time.Hour)),
	}).SignedString(key)
	Must(t, err)
	return value
}

// SessionKey is the key that signs session cookies.
func (s *Stage) SessionKey() []byte {
	key, err := hkdf.Key(sha256.New, s.App.Settings.SecretKey, nil, "sidetext sessions", 32)
	Must(s.T, err)
	return key
}
