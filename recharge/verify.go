package recharge

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"

	"sidetext/chat"
)

// maxAge is how old a signature may be: Recharge delivers a webhook again for so long.
const maxAge = 48 * time.Hour

var (
	// ErrSignature means that a webhook is not signed with any of the secrets.
	ErrSignature = errors.New("recharge: wrong signature")
	// ErrOld means that a webhook is signed, but more than 48 hours ago or ahead.
	ErrOld = errors.New("recharge: signature too old")
)

// Verify checks the signature of a webhook. header returns a header of the request by
// name, and body is what was received, byte by byte.
//
// A webhook has two signatures (github.com/hookdeck/webhook-skills, recharge-webhooks).
// X-Recharge-Webhook-Signature is an HMAC over the time and the body, and decides if it
// is there. X-Recharge-Hmac-Sha256 is older, and no HMAC: it is the SHA-256 of the
// secret followed by the body.
func Verify(secrets []chat.Secret, header func(name string) string, body []byte, now time.Time) error {
	if signature := header("X-Recharge-Webhook-Signature"); signature != "" {
		return verifyTimed(secrets, signature, body, now)
	}
	legacy := []byte(header("X-Recharge-Hmac-Sha256"))
	ok := false
	for _, secret := range secrets {
		hash := sha256.New()
		hash.Write([]byte(secret))
		hash.Write(body)
		// An empty secret would make it a signature that needs no secret.
		ok = equal(hash.Sum(nil), legacy) && secret != "" || ok
	}
	if !ok {
		return ErrSignature
	}
	return nil
}

// verifyTimed checks a signature like "t=1764000000,v1=3e66…". It may have more parts,
// also several of one name.
func verifyTimed(secrets []chat.Secret, signature string, body []byte, now time.Time) error {
	var at string
	var candidates [][]byte
	for part := range strings.SplitSeq(signature, ",") {
		switch name, value, _ := strings.Cut(strings.TrimSpace(part), "="); name {
		case "t":
			if at != "" {
				return ErrSignature
			}
			at = value
		case "v1":
			candidates = append(candidates, []byte(value))
		}
	}
	seconds, err := strconv.ParseInt(at, 10, 40)
	if err != nil || len(candidates) > 8 {
		return ErrSignature
	}
	ok := false
	for _, secret := range secrets {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(at + "."))
		mac.Write(body)
		sum := mac.Sum(nil)
		for _, candidate := range candidates {
			ok = equal(sum, candidate) && secret != "" || ok
		}
	}
	if !ok {
		return ErrSignature
	}
	if now.Sub(time.Unix(seconds, 0)).Abs() > maxAge {
		return ErrOld
	}
	return nil
}

// equal compares a hash with its notation in lower-case hexadecimal, in constant time.
func equal(sum, hexadecimal []byte) bool {
	return hmac.Equal([]byte(hex.EncodeToString(sum)), hexadecimal)
}
