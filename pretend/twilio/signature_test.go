package twilio_test

import (
	"net/url"
	"testing"

	"sidetext/pretend/twilio"
)

const bodySHA = "bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"

func TestSign(t *testing.T) {
	t.Parallel()
	const (
		library = "12345"
		token   = "0123456789abcdef0123456789abcdef"
		my      = "https://mycompany.com/myapp.php?foo=1&bar=2"
		call    = "Digits=1234&CallSid=CA1234567890ABCDE&To=%2B18005551212&Caller=%2B14158675309&From=%2B14158675309"
		more    = call + "&ReasonConferenceEnded=test&Reason=Participant"
		text    = "ToCountry=US&ToState=CA&SmsMessageSid=SM0123456789abcdef0123456789abcdef&NumMedia=0&ToCity=&FromZip=94105&SmsSid=SM0123456789abcdef0123456789abcdef&FromState=CA&SmsStatus=received&FromCity=SAN+FRANCISCO&Body=Skip+my+next+order+%F0%9F%91%8D+%26+thanks&FromCountry=US&To=%2B14155550100&ToZip=&NumSegments=1&MessageSid=SM0123456789abcdef0123456789abcdef&AccountSid=AC0123456789abcdef0123456789abcdef&From=%2B14155550123&ApiVersion=2010-04-01"
		status  = "SmsSid=SM0123456789abcdef0123456789abcdef&SmsStatus=delivered&MessageStatus=delivered&To=%2B14155550123&MessageSid=SM0123456789abcdef0123456789abcdef&AccountSid=AC0123456789abcdef0123456789abcdef&From=%2B14155550100&ApiVersion=2010-04-01"
	)
	for name, test := range map[string]struct {
		token, address, form, want string
		wrong                      bool
	}{
		"1":              {library, my, call, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", false},
		"2":              {library, my, more, "vOEb5UThFn24KEfnOFLQY2AE5FY=", false},
		"3 http":         {library, "http" + my[5:], more, "n2xBNyzSW7rfYStDtOFiFMv7qNo=", false},
		"4 port":         {library, "https://mycompany.com:443/myapp.php?foo=1&bar=2", more, "nlYDL9HO41xd+GBsch67HROPYMY=", false},
		"5 odd port":     {library, "https://mycompany.com:1234/myapp.php?foo=1&bar=2", more, "AU2e5pW17Utr6M3MPhtn/Bruk84=", false},
		"6 raw form":     {library, my, "property=value&boolean=true", "NBdBDr/T/lgjI+tlgpXjKZQZs/k=", false},
		"7 json":         {library, my + "&" + bodySHA, "", "a9nBmqA0ju/hNViExpshrM61xv4=", false},
		"8 json":         {library, "https://mycompany.com/myapp.php?" + bodySHA, "", "y77kIzt2vzLz71DgmJGsen2scGs=", false},
		"9 wrong order":  {library, my, more, "95+Bu0JVPi0r/SsESZCVf0dWAjw=", true},
		"other token":    {token, my, call, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", true},
		"A":              {token, "https://sms.example.com/hooks/twilio/inbound", text, "uLDUgdo0sW1nw9DhCeM0GZ94yFQ=", false},
		"A, fragment":    {token, "https://sms.example.com/hooks/twilio/inbound#rc=5&rp=all", text, "uLDUgdo0sW1nw9DhCeM0GZ94yFQ=", false},
		"A, no empties":  {token, "https://sms.example.com/hooks/twilio/inbound", "ToCity=x&" + text, "uLDUgdo0sW1nw9DhCeM0GZ94yFQ=", true},
		"B":              {token, "https://sms.example.com:443/hooks/twilio/inbound", text, "9gljrJS7U0aws8zGCj1yqxJhY8s=", false},
		"C query of our": {token, "https://sms.example.com/hooks/twilio/status?m=01J9ZZ", status, "Sk/ZHEJ8h3gbGG0Ycnue0Yw7cRI=", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			form, err := url.ParseQuery(test.form)
			if err != nil {
				t.Fatal(err)
			}
			if got := twilio.Sign(test.token, test.address, form); (got == test.want) == test.wrong {
				t.Errorf("got %s, want equal to %s: %v", got, test.want, !test.wrong)
			}
		})
	}
}

// TestSharedKeySigns compares with getExpectedTwilioSignature of twilio-node 6.3.1.
func TestSharedKeySigns(t *testing.T) {
	t.Parallel()
	const my = "https://mycompany.com/myapp.php?foo=1&bar=2"
	form, err := url.ParseQuery("Digits=1234&CallSid=CA1234567890ABCDE&To=%2B18005551212&Caller=%2B14158675309&From=%2B14158675309")
	if err != nil {
		t.Fatal(err)
	}
	for algorithm, want := range map[string][2]string{
		"":            {"033hgUJA9M/hXIZsYjwkerEP/DBm35nEri5FhCYjA5s=", "key=k,algorithm=HMAC_SHA256"},
		"HMAC_SHA256": {"033hgUJA9M/hXIZsYjwkerEP/DBm35nEri5FhCYjA5s=", "key=k,algorithm=HMAC_SHA256"},
		"HMAC_SHA1":   {"RSOYDt4T1cUTdK1PDd93/VVr8B8=", "key=k,algorithm=HMAC_SHA1"},
	} {
		signature, settings := twilio.SharedKey{ID: "k", Secret: "12345", Algorithm: algorithm}.Sign(my+"#rc=5", form)
		if signature != want[0] || settings != want[1] {
			t.Errorf("%q: got %s, %s", algorithm, signature, settings)
		}
	}
}

// TestSharedKeyOfRule: a shared key signs inbound texts and status callbacks.
func TestSharedKeyOfRule(t *testing.T) {
	t.Parallel()
	s := play(t)
	key := twilio.SharedKey{ID: "webhooks_sharedkey_1", Secret: "secret"}
	s.SetSharedKey(key)
	if _, _, err := s.Deliver(t.Context(), twilio.Inbound{From: jane, To: store, Body: "hi"}); err != nil {
		t.Fatal(err)
	}
	s.send("StatusCallback", s.hook+"/status")
	s.until(func() bool { return len(s.Calls()) == 4 })
	s.SetSharedKey(twilio.SharedKey{})
	if _, _, err := s.Deliver(t.Context(), twilio.Inbound{From: jane, To: store, Body: "hi again"}); err != nil {
		t.Fatal(err)
	}
	all := s.requests()
	for i, r := range all {
		address := "http://" + r.Host + r.RequestURI
		signature, settings := key.Sign(address, r.PostForm)
		if i == len(all)-1 {
			signature, settings = twilio.Sign(token, address, r.PostForm), ""
		}
		if r.Header.Get("X-Twilio-Signature") != signature || r.Header.Get("X-Twilio-Webhooks-Signature-Settings") != settings {
			t.Errorf("request %d has a wrong signature: %v", i, r.Header)
		}
	}
}
