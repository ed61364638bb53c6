package twilio_test

import (
	"net/http"
	"testing"

	"sidetext/chat"
	"sidetext/sms"
	"sidetext/sms/twilio"
)

const settings256 = "key=webhooks_sharedkey_01kq3v9d6n,algorithm=HMAC_SHA256"

func signedBy(settings, url, body, signature string) sms.Webhook {
	return sms.Webhook{Method: http.MethodPost, URL: url, Body: []byte(body), Header: func(name string) string {
		return map[string]string{twilio.Signature: signature, twilio.SignatureSettings: settings}[name]
	}}
}

// The signatures were made by getExpectedTwilioSignature of twilio-node 6.3.1.
func TestVerifySharedKey(t *testing.T) {
	t.Parallel()
	const (
		app     = "https://mycompany.com/myapp.php?foo=1&bar=2"
		inbound = "https://sms.example.com/hooks/twilio/inbound"
		of256   = "033hgUJA9M/hXIZsYjwkerEP/DBm35nEri5FhCYjA5s="
		of1     = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
		secret  = chat.Secret("12345")
	)
	shared := twilio.Keys{Tokens: []chat.Secret{ours}, Shared: []chat.Secret{secret}}
	tokenOnly := twilio.Keys{Tokens: []chat.Secret{secret}, Shared: []chat.Secret{""}}
	for name, test := range map[string]struct {
		settings, url, body, signature string
		keys                           twilio.Keys
		want                           error
	}{
		"SHA-256":                          {settings256, app, call, of256, shared, nil},
		"SHA-256, port signed":             {settings256, app, call, "grxRoa/VNtXxd524NGLxIdev83nh23xhrRUVm50Umq4=", shared, nil},
		"SHA-256, a text":                  {settings256, inbound, sample, "c3uNvdL5Bn5UlIkvngXkX5Bd4Y5eBTLnpj3t2uVcluE=", shared, nil},
		"SHA-256, fragment":                {settings256, inbound + twilio.Fragment, sample, "c3uNvdL5Bn5UlIkvngXkX5Bd4Y5eBTLnpj3t2uVcluE=", shared, nil},
		"SHA-256, JSON":                    {settings256, app + "&bodySHA256=" + hash, js, "+UOCWf84gdgo/5Hpg4m5/EgKnJA2/TbOw5sPNVr3bPk=", shared, nil},
		"SHA-256, JSON changed":            {settings256, app + "&bodySHA256=" + hash, js + " ", "+UOCWf84gdgo/5Hpg4m5/EgKnJA2/TbOw5sPNVr3bPk=", shared, twilio.ErrWrongSharedKey},
		"SHA-1 with a shared key":          {"key=k,algorithm=HMAC_SHA1", app, call, of1, shared, nil},
		"lower case, spaces, other order":  {" algorithm = hmac_sha256 , key=k", app, call, of256, shared, nil},
		"while keys are rotated":           {settings256, app, call, of256, twilio.Keys{Shared: []chat.Secret{"old", secret}}, nil},
		"another parameter":                {settings256, app, call + "&x=y", of256, shared, twilio.ErrWrongSharedKey},
		"another address":                  {settings256, app + "3", call, of256, shared, twilio.ErrWrongSharedKey},
		"another key":                      {settings256, app, call, of256, twilio.Keys{Shared: []chat.Secret{"54321"}}, twilio.ErrWrongSharedKey},
		"the token is no shared key":       {settings256, app, call, of256, twilio.Keys{Tokens: []chat.Secret{secret}, Shared: []chat.Secret{"54321"}}, twilio.ErrWrongSharedKey},
		"no shared key here":               {settings256, app, call, of256, tokenOnly, twilio.ErrNoSharedKey},
		"no shared key here, SHA-1":        {"key=k,algorithm=HMAC_SHA1", app, call, of1, tokenOnly, twilio.ErrNoSharedKey},
		"the header says SHA-1":            {"key=k,algorithm=HMAC_SHA1", app, call, of256, shared, twilio.ErrWrongSharedKey},
		"the header says SHA-256":          {settings256, app, call, of1, shared, twilio.ErrWrongSharedKey},
		"an unknown algorithm":             {"key=k,algorithm=HMAC_SHA512", app, call, of256, shared, twilio.ErrAlgorithm},
		"no algorithm":                     {"key=webhooks_sharedkey_1", app, call, of1, shared, twilio.ErrAlgorithm},
		"an empty algorithm":               {"key=k,algorithm=", app, call, of1, shared, twilio.ErrAlgorithm},
		"nonsense":                         {"\x00,,=;", app, call, of256, shared, twilio.ErrAlgorithm},
		"a shared key without the header":  {"", app, call, of256, shared, sms.ErrForged},
		"SHA-1 by a shared key, no header": {"", app, call, of1, shared, sms.ErrForged},
		"the token without the header":     {"", app, call, of1, twilio.Keys{Tokens: []chat.Secret{secret}, Shared: []chat.Secret{"54321"}}, nil},
		"no signature":                     {settings256, app, call, "", shared, sms.ErrUnsigned},
		"a key that is empty":              {settings256, app, call, "hmac of nothing", twilio.Keys{Shared: []chat.Secret{""}}, twilio.ErrNoSharedKey},
	} {
		t.Run(name, func(t *testing.T) {
			if err := twilio.Verify(signedBy(test.settings, test.url, test.body, test.signature), test.keys); err != test.want {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func FuzzVerifySharedKey(f *testing.F) {
	f.Add(settings256, "a=b", "sig")
	f.Add("algorithm=HMAC_SHA1", "a=b", "")
	f.Fuzz(func(t *testing.T, settings, body, signature string) {
		w := signedBy(settings, "https://sms.example.com/in", body, signature)
		if twilio.Verify(w, twilio.Keys{Tokens: []chat.Secret{"12345"}, Shared: []chat.Secret{"67890"}}) == nil {
			t.Error("an arbitrary signature was accepted")
		}
	})
}
