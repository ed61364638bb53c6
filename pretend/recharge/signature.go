package recharge

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"time"
)

// Sign returns the signature headers of a webhook: the one with a timestamp, and the
// older one, which is a plain SHA-256 of the secret and the body
// (github.com/hookdeck/webhook-skills, recharge-webhooks).
func Sign(secret string, at time.Time, body []byte) http.Header {
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(stamp + "."))
	mac.Write(body)
	older := sha256.New()
	older.Write([]byte(secret))
	older.Write(body)
	h := http.Header{}
	h.Set("X-Recharge-Webhook-Timestamp", stamp)
	h.Set("X-Recharge-Webhook-Signature", "t="+stamp+",v1="+hex.EncodeToString(mac.Sum(nil)))
	h.Set("X-Recharge-Hmac-Sha256", hex.EncodeToString(older.Sum(nil)))
	return h
}
