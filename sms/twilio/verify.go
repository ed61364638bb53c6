package twilio

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"sidetext/chat"
	"sidetext/sms"
)

// The headers of a signed request.
const (
	Signature         = "X-Twilio-Signature"
	SignatureSettings = "X-Twilio-Webhooks-Signature-Settings" // only of a request signed with a shared key
)

// Keys are what the requests about a number may be signed with. An empty key is
// never accepted.
type Keys struct {
	Tokens []chat.Secret // the account's auth tokens: several while one replaces another
	Shared []chat.Secret // the secrets of shared keys
}

// Refusals of a request signed with a shared key.
var (
	ErrNoSharedKey = &chat.Error{Kind: chat.KindForbidden, Code: "no_shared_key",
		Text: "Twilio signed the request with a shared key, and the number has no signing key here."}
	ErrWrongSharedKey = &chat.Error{Kind: chat.KindForbidden, Code: "wrong_shared_key",
		Text: "The request's signature does not match the number's signing key. Either the key or the public address is not the one that Twilio has."}
	ErrAlgorithm = &chat.Error{Kind: chat.KindForbidden, Code: "signature_algorithm",
		Text: "Twilio signed the request with a shared key and an algorithm that is not known here."}
)

// Verify reports whether Twilio signed the request with one of the keys. The error
// is sms.ErrUnsigned, sms.ErrForged or, of a request with SignatureSettings,
// ErrNoSharedKey, ErrWrongSharedKey or ErrAlgorithm.
//
// The signature covers the address and every parameter, but no time: the caller
// must ignore a message id that it has seen. It does not say whose number was
// texted: the caller compares account and number with the line's. (Rules:
// twilio.com/docs/usage/webhooks/webhooks-security; the port and repeated names:
// twilio-go and twilio-node, which differ.)
//
// A request with SignatureSettings is signed with a shared key in place of the auth
// token, so only Shared is tried, and only with the algorithm that the header
// names; what is signed stays the same (twilio.com/docs/usage/webhooks/webhook-shared-keys,
// twilio-node 6.3). Unverified, and refused: a header without an algorithm, and
// algorithms other than HMAC_SHA1 and HMAC_SHA256. The header's key is only a name:
// it is not compared.
func Verify(w sms.Webhook, keys Keys) error {
	signature := []byte(w.Header(Signature))
	if len(signature) == 0 {
		return sms.ErrUnsigned
	}
	secrets, newHash, forged := keys.Tokens, sha1.New, error(sms.ErrForged)
	if settings := w.Header(SignatureSettings); settings != "" {
		secrets, newHash, forged = keys.Shared, algorithms[algorithm(settings)], ErrWrongSharedKey
		switch {
		case newHash == nil:
			return ErrAlgorithm
		case !slices.ContainsFunc(secrets, func(s chat.Secret) bool { return s != "" }):
			return ErrNoSharedKey
		}
	}
	address, _, _ := strings.Cut(w.URL, "#") // the fragment is for Twilio only
	params := []string{""}
	if sum, isHashed := bodyHash(address); isHashed {
		got := sha256.Sum256(w.Body)
		if !hmac.Equal([]byte(hex.EncodeToString(got[:])), []byte(strings.ToLower(sum))) {
			return forged
		}
	} else if w.Method != http.MethodGet {
		params = readings(fields(w.Body))
	}
	match := false
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		for _, u := range spellings(address) {
			for _, p := range params {
				// All are tried, so that the time does not tell which one matched.
				match = hmac.Equal(signature, sign(newHash, secret, u+p)) || match
			}
		}
	}
	if !match {
		return forged
	}
	return nil
}

// algorithms are those that a shared key may sign with, by their names in
// SignatureSettings.
var algorithms = map[string]func() hash.Hash{"HMAC_SHA1": sha1.New, "HMAC_SHA256": sha256.New}

// algorithm returns what SignatureSettings name ("key=…,algorithm=HMAC_SHA256"), or
// an empty string. Names are compared as twilio-node does: upper and lower case are
// the same, and the first one counts.
func algorithm(settings string) string {
	for part := range strings.SplitSeq(settings, ",") {
		name, value, _ := strings.Cut(part, "=")
		if value = strings.TrimSpace(value); strings.TrimSpace(name) == "algorithm" && value != "" {
			return strings.ToUpper(value)
		}
	}
	return ""
}

func sign(newHash func() hash.Hash, key chat.Secret, text string) []byte {
	mac := hmac.New(newHash, []byte(key))
	mac.Write([]byte(text))
	return []byte(base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// bodyHash finds the hash that stands in an address when the body is not a form.
func bodyHash(address string) (sum string, ok bool) {
	_, query, _ := strings.Cut(address, "?")
	values, _ := url.ParseQuery(query) // what it can read is enough
	return values.Get("bodySHA256"), values.Has("bodySHA256")
}

// readings is the form as it is signed: names in byte order, each with its
// value. No SMS webhook repeats a name today. If one ever does, it is signed as
// one of three libraries would: the first value, each value that differs in
// order, or all values behind one name.
func readings(all []field) []string {
	values := map[string][]string{}
	var names []string
	for _, f := range all {
		if values[f.name] == nil {
			names = append(names, f.name)
		}
		values[f.name] = append(values[f.name], f.value)
	}
	slices.Sort(names)
	var first, each, behind strings.Builder
	for _, name := range names {
		first.WriteString(name + values[name][0])
		behind.WriteString(name + strings.Join(values[name], ""))
		for _, value := range slices.Compact(slices.Sorted(slices.Values(values[name]))) {
			each.WriteString(name + value)
		}
	}
	if len(names) == len(all) {
		return []string{first.String()}
	}
	return []string{first.String(), each.String(), behind.String()}
}

// spellings is the address with its port and without, as Twilio signs now this,
// now that. It is cut by hand: taken apart and put together again by net/url, a
// query may come out in other bytes.
func spellings(address string) []string {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return []string{address}
	}
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	host, path := rest[:end], rest[end:]
	bare := host
	if colon := strings.LastIndexByte(host, ':'); colon > strings.LastIndexAny(host, "]@") {
		bare = host[:colon]
	} else {
		port := ":443"
		if scheme == "http" {
			port = ":80"
		}
		host += port
	}
	return []string{scheme + "://" + bare + path, scheme + "://" + host + path}
}
