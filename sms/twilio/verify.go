package twilio

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"sidetext/chat"
	"sidetext/sms"
)

// Signature is the header in which Twilio signs its requests.
const Signature = "X-Twilio-Signature"

// Verify reports whether Twilio signed the request with one of the auth tokens.
// There may be several while they are exchanged; an empty one is never accepted.
// The error is sms.ErrUnsigned or sms.ErrForged.
//
// The signature covers the address and every parameter, but no time: that a
// request is not heard twice is up to whoever keeps message ids. Nor does it
// say whose number was texted: the caller compares account and number with the
// line's. (Rules: twilio.com/docs/usage/webhooks/webhooks-security; the port and
// repeated names: twilio-go and twilio-node, which differ.)
func Verify(w sms.Webhook, tokens ...chat.Secret) error {
	signature := []byte(w.Header(Signature))
	if len(signature) == 0 {
		return sms.ErrUnsigned
	}
	address, _, _ := strings.Cut(w.URL, "#") // the fragment is for Twilio only
	params := []string{""}
	if sum, isHashed := bodyHash(address); isHashed {
		got := sha256.Sum256(w.Body)
		if !hmac.Equal([]byte(hex.EncodeToString(got[:])), []byte(strings.ToLower(sum))) {
			return sms.ErrForged
		}
	} else if w.Method != http.MethodGet {
		params = readings(fields(w.Body))
	}
	match := false
	for _, token := range tokens {
		if token == "" {
			continue
		}
		for _, u := range spellings(address) {
			for _, p := range params {
				// No early end: the time says nothing about which one it was.
				match = hmac.Equal(signature, sign(token, u+p)) || match
			}
		}
	}
	if !match {
		return sms.ErrForged
	}
	return nil
}

func sign(token chat.Secret, what string) []byte {
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(what))
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
