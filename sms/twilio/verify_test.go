package twilio_test

import (
	"net/http"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/sms"
	"sidetext/sms/twilio"
)

const (
	call  = "Digits=1234&CallSid=CA1234567890ABCDE&To=%2B18005551212&Caller=%2B14158675309&From=%2B14158675309"
	ended = call + "&ReasonConferenceEnded=test&Reason=Participant"
	hash  = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
	js    = `{"property": "value", "boolean": true}`
	// A text as Twilio sends it, with its empty values.
	sample = "ToCountry=US&ToState=CA&SmsMessageSid=SM0123456789abcdef0123456789abcdef&NumMedia=0&ToCity=&FromZip=94105&SmsSid=SM0123456789abcdef0123456789abcdef&FromState=CA&SmsStatus=received&FromCity=SAN+FRANCISCO&Body=Skip+my+next+order+%F0%9F%91%8D+%26+thanks&FromCountry=US&To=%2B14155550100&ToZip=&NumSegments=1&MessageSid=SM0123456789abcdef0123456789abcdef&AccountSid=AC0123456789abcdef0123456789abcdef&From=%2B14155550123&ApiVersion=2010-04-01"
	report = "SmsSid=SM0123456789abcdef0123456789abcdef&SmsStatus=delivered&MessageStatus=delivered&To=%2B14155550123&MessageSid=SM0123456789abcdef0123456789abcdef&AccountSid=AC0123456789abcdef0123456789abcdef&From=%2B14155550100&ApiVersion=2010-04-01"
	ours   = chat.Secret("0123456789abcdef0123456789abcdef")
)

// The vectors of twilio-go and twilio-node (token 12345), and some of our own.
func TestVerify(t *testing.T) {
	t.Parallel()
	const app = "https://mycompany.com/myapp.php?foo=1&bar=2"
	for name, test := range map[string]struct {
		url, body, signature string
		token                chat.Secret
		want                 error
	}{
		"1":                     {app, call, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", "12345", nil},
		"2":                     {app, ended, "vOEb5UThFn24KEfnOFLQY2AE5FY=", "12345", nil},
		"3 http":                {"http" + app[5:], ended, "n2xBNyzSW7rfYStDtOFiFMv7qNo=", "12345", nil},
		"4 port":                {port(app, "443"), ended, "nlYDL9HO41xd+GBsch67HROPYMY=", "12345", nil},
		"4 port only signed":    {app, ended, "nlYDL9HO41xd+GBsch67HROPYMY=", "12345", nil},
		"4 port not signed":     {port(app, "443"), ended, "vOEb5UThFn24KEfnOFLQY2AE5FY=", "12345", nil},
		"5 odd port":            {port(app, "1234"), ended, "AU2e5pW17Utr6M3MPhtn/Bruk84=", "12345", nil},
		"5 odd port not signed": {port(app, "1234"), ended, "vOEb5UThFn24KEfnOFLQY2AE5FY=", "12345", nil},
		"5 another port":        {port(app, "1235"), ended, "AU2e5pW17Utr6M3MPhtn/Bruk84=", "12345", sms.ErrForged},
		"6 raw":                 {app, "property=value&boolean=true", "NBdBDr/T/lgjI+tlgpXjKZQZs/k=", "12345", nil},
		"7 json":                {app + "&bodySHA256=" + hash, js, "a9nBmqA0ju/hNViExpshrM61xv4=", "12345", nil},
		"7 json changed":        {app + "&bodySHA256=" + hash, js + " ", "a9nBmqA0ju/hNViExpshrM61xv4=", "12345", sms.ErrForged},
		"7 json, other hash":    {app + "&bodySHA256=00" + hash[2:], js, "a9nBmqA0ju/hNViExpshrM61xv4=", "12345", sms.ErrForged},
		"8 json alone":          {"https://mycompany.com/myapp.php?bodySHA256=" + hash, js, "y77kIzt2vzLz71DgmJGsen2scGs=", "12345", nil},
		"9 wrongly sorted":      {app, ended, "95+Bu0JVPi0r/SsESZCVf0dWAjw=", "12345", sms.ErrForged},
		"A":                     {"https://sms.example.com/hooks/twilio/inbound", sample, "uLDUgdo0sW1nw9DhCeM0GZ94yFQ=", ours, nil},
		"A with a fragment":     {"https://sms.example.com/hooks/twilio/inbound" + twilio.Fragment, sample, "uLDUgdo0sW1nw9DhCeM0GZ94yFQ=", ours, nil},
		"A, another path":       {"https://sms.example.com/hooks/twilio/inbounds", sample, "uLDUgdo0sW1nw9DhCeM0GZ94yFQ=", ours, sms.ErrForged},
		"A, another token":      {"https://sms.example.com/hooks/twilio/inbound", sample, "uLDUgdo0sW1nw9DhCeM0GZ94yFQ=", "12345", sms.ErrForged},
		"A, without an empty value": {"https://sms.example.com/hooks/twilio/inbound", strings.Replace(sample, "&ToZip=", "", 1),
			"uLDUgdo0sW1nw9DhCeM0GZ94yFQ=", ours, sms.ErrForged},
		"A, with another parameter": {"https://sms.example.com/hooks/twilio/inbound", sample + "&x=y", "uLDUgdo0sW1nw9DhCeM0GZ94yFQ=", ours, sms.ErrForged},
		"B":                         {"https://sms.example.com:443/hooks/twilio/inbound", sample, "9gljrJS7U0aws8zGCj1yqxJhY8s=", ours, nil},
		"C":                         {"https://sms.example.com/hooks/twilio/status?m=01J9ZZ", report, "Sk/ZHEJ8h3gbGG0Ycnue0Yw7cRI=", ours, nil},
		"C, another query":          {"https://sms.example.com/hooks/twilio/status?m=01J9ZY", report, "Sk/ZHEJ8h3gbGG0Ycnue0Yw7cRI=", ours, sms.ErrForged},
		"no signature":              {app, call, "", "12345", sms.ErrUnsigned},
		"no token":                  {app, call, hmacOf("", app+"CallSidCA1234567890ABCDE"), "", sms.ErrForged},
	} {
		t.Run(name, func(t *testing.T) {
			w := webhook(http.MethodPost, test.url, test.body, test.signature)
			if err := twilio.Verify(w, tokens(test.token)); err != test.want {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if err := twilio.Verify(w, tokens("", "old", test.token)); err != test.want {
				t.Errorf("with other tokens: got %v, want %v", err, test.want)
			}
		})
	}
}

func TestVerifyGet(t *testing.T) {
	t.Parallel()
	const url = "https://sms.example.com/in?Body=a%20b&From=%2B1"
	w := webhook(http.MethodGet, url, "ignored=1", hmacOf("12345", url))
	if err := twilio.Verify(w, tokens("12345")); err != nil {
		t.Error(err)
	}
	w.URL = strings.Replace(url, "%20", "+", 1)
	if err := twilio.Verify(w, tokens("12345")); err != sms.ErrForged {
		t.Errorf("query in another encoding: %v", err)
	}
}

func TestVerifyRepeatedNames(t *testing.T) {
	t.Parallel()
	const url, body = "https://sms.example.com/in", "b=2&a=z&a=x&a=z"
	for name, test := range map[string]struct {
		signed string
		want   error
	}{
		"each distinct value": {"ax" + "az" + "b2", nil},
		"in another order":    {"az" + "ax" + "b2", sms.ErrForged},
		"the first value":     {"az" + "b2", sms.ErrForged},
		"the last value":      {"ax" + "b2", sms.ErrForged},
		"unsorted names":      {"b2" + "ax" + "az", sms.ErrForged},
	} {
		t.Run(name, func(t *testing.T) {
			w := webhook(http.MethodPost, url, body, hmacOf("12345", url+test.signed))
			if err := twilio.Verify(w, tokens("12345")); err != test.want {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func TestVerifyPortVariants(t *testing.T) {
	t.Parallel()
	for url, signed := range map[string]string{
		"https://[::1]/x":            "https://[::1]:443/x",
		"https://[::1]:8443/x":       "https://[::1]/x",
		"http://host/x":              "http://host:80/x",
		"https://host":               "https://host:443",
		"https://host?a=:1":          "https://host:443?a=:1",
		"https://u:p@host/x":         "https://u:p@host:443/x",
		"https://host/a:b@c":         "https://host:443/a:b@c",
		"no address at all":          "no address at all",
		"https://host/%7Euser?a=%2f": "https://host/%7Euser?a=%2f",
	} {
		if err := twilio.Verify(webhook(http.MethodPost, url, "", hmacOf("12345", signed)), tokens("12345")); err != nil {
			t.Errorf("%s signed as %s: %v", url, signed, err)
		}
	}
}

func FuzzVerify(f *testing.F) {
	f.Add("https://a.example/x?bodySHA256=00#f", "a=b&a=c", "sig")
	f.Fuzz(func(t *testing.T, url, body, signature string) {
		if twilio.Verify(webhook(http.MethodPost, url, body, signature), tokens("12345")) == nil {
			t.Error("an arbitrary signature was accepted")
		}
		if strings.Contains(url, "SHA256") {
			return
		}
		address, _, _ := strings.Cut(url, "#")
		if err := twilio.Verify(webhook(http.MethodGet, url, body, hmacOf("12345", address)), tokens("12345")); err != nil {
			t.Errorf("valid signature for %q: %v", url, err)
		}
	})
}

func tokens(all ...chat.Secret) twilio.Keys { return twilio.Keys{Tokens: all} }

func port(url, port string) string {
	return strings.Replace(url, "mycompany.com", "mycompany.com:"+port, 1)
}
