package twilio_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sidetext/chat"
	pretend "sidetext/pretend/twilio"
	"sidetext/pretend/wire"
	"sidetext/sms/twilio"
)

const (
	ourHook         = "https://sms.example.com/hooks/twilio/e1/inbound"
	otherHook       = "https://elsewhere.example/sms"
	hookWithRetries = ourHook + "#rc=5&rp=all&ct=2000&rt=2500"
)

func TestInspect(t *testing.T) {
	t.Parallel()
	denied, key := line, line
	denied.Token, key.Account = "old", "SK0123456789abcdef0123456789abcdef"
	set := func(change func(n *pretend.Number, p *pretend.Pool)) func(*pretend.Number, *pretend.Pool) {
		return change
	}
	in := func(change func(p *pretend.Pool)) func(*pretend.Number, *pretend.Pool) {
		return func(n *pretend.Number, p *pretend.Pool) { n.Pool = p.SID; change(p) }
	}
	const ok = "account ok, number ok, service ok, webhook ok, fallback ok"
	for name, test := range map[string]struct {
		line chat.Line
		set  func(*pretend.Number, *pretend.Pool)
		want string
	}{
		"ok":                      {line, nil, ok},
		"an API key":              {key, nil, "account bad"},
		"another token":           {denied, nil, "account bad"},
		"not in the account":      {line, set(func(n *pretend.Number, _ *pretend.Pool) { n.Phone = "+14155550111" }), "account ok, number bad"},
		"it can't text":           {line, set(func(n *pretend.Number, _ *pretend.Pool) { n.NoSMS = true }), "account ok, number bad"},
		"no address":              {line, set(func(n *pretend.Number, _ *pretend.Pool) { n.SmsURL = "" }), "account ok, number ok, service ok, webhook bad, fallback ok"},
		"another address":         {line, set(func(n *pretend.Number, _ *pretend.Pool) { n.SmsURL = otherHook }), "account ok, number ok, service ok, webhook bad, fallback ok"},
		"a longer address":        {line, set(func(n *pretend.Number, _ *pretend.Pool) { n.SmsURL = ourHook + "s" }), "account ok, number ok, service ok, webhook bad, fallback ok"},
		"by GET":                  {line, set(func(n *pretend.Number, _ *pretend.Pool) { n.SmsMethod = "GET" }), "account ok, number ok, service ok, webhook bad, fallback ok"},
		"an application":          {line, set(func(n *pretend.Number, _ *pretend.Pool) { n.AppSID = "AP1" }), "account ok, number ok, service ok, webhook bad, fallback ok"},
		"no fragment":             {line, set(func(n *pretend.Number, _ *pretend.Pool) { n.SmsURL = ourHook }), "account ok, number ok, service ok, webhook warn, fallback ok"},
		"a lesser fragment":       {line, set(func(n *pretend.Number, _ *pretend.Pool) { n.SmsURL = ourHook + "#rc=1" }), "account ok, number ok, service ok, webhook warn, fallback ok"},
		"more in the fragment":    {line, set(func(n *pretend.Number, _ *pretend.Pool) { n.SmsURL = hookWithRetries + "&e=dublin" }), ok},
		"no fallback":             {line, set(func(n *pretend.Number, _ *pretend.Pool) { n.SmsFallbackURL = "" }), "account ok, number ok, service ok, webhook ok, fallback warn"},
		"another fallback":        {line, set(func(n *pretend.Number, _ *pretend.Pool) { n.SmsFallbackURL = otherHook }), "account ok, number ok, service ok, webhook ok, fallback warn"},
		"fallback by GET":         {line, set(func(n *pretend.Number, _ *pretend.Pool) { n.SmsFallbackMethod = "GET" }), "account ok, number ok, service ok, webhook ok, fallback warn"},
		"service defers":          {line, in(func(p *pretend.Pool) { p.UseNumber = true }), ok},
		"service drops":           {line, in(func(*pretend.Pool) {}), "account ok, number ok, service bad, webhook ok, fallback ok"},
		"service sends elsewhere": {line, in(func(p *pretend.Pool) { p.InboundURL = otherHook }), "account ok, number ok, service bad, webhook ok, fallback ok"},
		"service sends here":      {line, in(func(p *pretend.Pool) { p.InboundURL, p.FallbackURL = hookWithRetries, hookWithRetries }), ok},
		"service, no fragment":    {line, in(func(p *pretend.Pool) { p.InboundURL = ourHook }), "account ok, number ok, service ok, webhook warn, fallback warn"},
		"another's service":       {line, set(func(_ *pretend.Number, p *pretend.Pool) { p.InboundURL = otherHook }), ok},
		"service and no number": {line, set(func(n *pretend.Number, p *pretend.Pool) {
			n.SmsURL, n.Pool, p.InboundURL, p.FallbackURL = "", p.SID, hookWithRetries, hookWithRetries
		}), ok},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			number := pretend.Number{Phone: string(line.Number), SmsURL: hookWithRetries, SmsFallbackURL: hookWithRetries}
			pool := pretend.Pool{SID: "MG0123456789abcdef0123456789abcdef"}
			if test.set != nil {
				test.set(&number, &pool)
			}
			c, fake := newTwilio(t, []pretend.Number{number}, pool)
			before, _ := fake.Number(string(line.Number))
			found, err := c.Inspect(t.Context(), test.line, ourHook)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range found {
				got = append(got, f.ID+" "+f.State)
				if f.Name == "" || f.Detail == "" || (f.Fix == "") != (f.State == twilio.OK) {
					t.Errorf("incomplete: %+v", f)
				}
				// SetWebhook changes the number only, no service.
				if repairable := f.State != twilio.OK && (f.ID == "webhook" || f.ID == "fallback") && name != "service, no fragment"; f.Repairable != repairable {
					t.Errorf("repaired by SetWebhook: %v, want %v: %+v", f.Repairable, repairable, f)
				}
			}
			if s := strings.Join(got, ", "); s != test.want {
				t.Errorf("got %s\nwant %s", s, test.want)
			}
			if name == "service drops" && !strings.Contains(found[2].Detail, "drops") {
				t.Errorf("the finding does not say that texts are lost: %+v", found[2])
			}
			if after, _ := fake.Number(string(line.Number)); after != before {
				t.Errorf("Inspect changed %+v", after)
			}
		})
	}
}

// Inspect accepts the settings that SetWebhook makes.
func TestInspectAfterSetWebhook(t *testing.T) {
	t.Parallel()
	c, _ := newTwilio(t, []pretend.Number{{Phone: string(line.Number), AppSID: "AP1", SmsMethod: "GET", SmsFallbackURL: otherHook}})
	if err := c.SetWebhook(t.Context(), line, ourHook); err != nil {
		t.Fatal(err)
	}
	found, err := c.Inspect(t.Context(), line, ourHook)
	if err != nil || len(found) != 5 {
		t.Fatal(found, err)
	}
	for _, f := range found {
		if f.State != twilio.OK {
			t.Errorf("%+v", f)
		}
	}
}

// The number's service is found among many; of too many, some are searched.
func TestInspectAmongManyServices(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		services int
		at       int // the service that holds the number
		want     string
	}{
		"the last of 120":  {120, 119, twilio.Bad},
		"none of 120":      {120, -1, twilio.OK},
		"the last of 300":  {300, 299, twilio.Warn},
		"the first of 300": {300, 0, twilio.Bad},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var pools []pretend.Pool
			for i := range test.services {
				pools = append(pools, pretend.Pool{SID: fmt.Sprintf("MG%032d", i)})
			}
			number := pretend.Number{Phone: string(line.Number), SmsURL: hookWithRetries, SmsFallbackURL: hookWithRetries}
			if test.at >= 0 {
				number.Pool = pools[test.at].SID
			}
			c, fake := newTwilio(t, []pretend.Number{number}, pools...)
			found, err := c.Inspect(t.Context(), line, ourHook)
			if err != nil || found[2].State != test.want {
				t.Errorf("got %+v, %v", found, err)
			}
			if n := len(fake.Requests()); n > 210 {
				t.Errorf("made %d requests", n)
			}
		})
	}
}

func TestInspectErrors(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]wire.Fault{
		"broken":           {Act: wire.Answer, Status: 503},
		"busy":             {Act: wire.Answer, Status: 429},
		"rubbish":          {Act: wire.Answer, Status: 200, Body: "<html>"},
		"moved":            {Act: wire.Answer, Status: 307, Location: "/"},
		"no list":          {Path: "/v1/Services", Act: wire.Answer, Status: 500},
		"connection reset": {Path: "/PhoneNumbers/", Act: wire.Reset},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, fake := newTwilio(t, []pretend.Number{{Phone: string(line.Number)}}, pretend.Pool{SID: "MG1"})
			fake.Faults.Add(fault)
			found, err := c.Inspect(t.Context(), line, ourHook)
			if got := code(t, err); got != "unreachable" && got != "busy" {
				t.Errorf("got %q, %+v", got, found)
			}
		})
	}
}

// A link in the list of services must not send our credentials to another host.
func TestInspectFollowsTwilioLinksOnly(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/v1/Services"):
			_ = json.NewEncoder(w).Encode(map[string]any{"services": []any{}, "meta": map[string]any{"next_page_url": "https://evil.example/v1/Services?Page=1"}})
		case strings.Contains(r.URL.Path, "IncomingPhoneNumbers"):
			_, _ = w.Write([]byte(mine))
		default:
			_, _ = w.Write([]byte(`{"status":"active"}`))
		}
	}))
	defer server.Close()
	_, err := twilio.New(server.URL).Inspect(t.Context(), line, ourHook)
	if got := code(t, err); got != "unreachable" {
		t.Errorf("got %q", got)
	}
}

// newTwilio starts a fake Twilio with the line's account.
func newTwilio(t *testing.T, numbers []pretend.Number, pools ...pretend.Pool) (*twilio.Client, *pretend.Twilio) {
	fake := pretend.New(pretend.Account{SID: line.Account, Token: string(line.Token), Numbers: numbers, Pools: pools})
	server := httptest.NewServer(fake)
	fake.SetURL(server.URL)
	t.Cleanup(func() { fake.Close(); server.Close() })
	return twilio.New(server.URL), fake
}
