package shopify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"

	"sidetext/chat"
)

// Verify reports whether a webhook's signature, its header X-Shopify-Hmac-Sha256, was made
// with one of the secrets: the HMAC-SHA256 of the raw body in base64. For up to an hour after a secret was replaced,
// Shopify signs with the former one. An empty secret verifies nothing.
func Verify(secrets []chat.Secret, signature string, body []byte) bool {
	given, err := base64.StdEncoding.Strict().DecodeString(signature)
	if err != nil || len(signature) != base64.StdEncoding.EncodedLen(sha256.Size) { // the decoder ignores line breaks
		return false
	}
	ok := false
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		ok = hmac.Equal(mac.Sum(nil), given) || ok
	}
	return ok
}
