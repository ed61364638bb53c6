package twilio_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"sidetext/chat"
	pretend "sidetext/pretend/twilio"
	"sidetext/sms"
	"sidetext/sms/smstest"
	"sidetext/sms/twilio"
)

func TestProvider(t *testing.T) {
	t.Parallel()
	smstest.Run(t, provider{})
}

// provider is our adapter, together with Twilio as it is documented.
type provider struct{}

func (provider) Verify(w sms.Webhook, tokens ...chat.Secret) error {
	return twilio.Verify(w, twilio.Keys{Tokens: tokens})
}
func (provider) Inbound(body []byte) (chat.Incoming, error) { return twilio.Inbound(body) }
func (provider) Status(body []byte, token chat.AttemptID) (chat.Report, error) {
	return twilio.Status(body, token)
}
func (provider) NewClient(baseURL string) smstest.Client { return twilio.New(baseURL) }
func (provider) SignatureHeader() string                 { return "X-Twilio-Signature" }

func (provider) FileURL(line chat.Line, baseURL string) string {
	return baseURL + "/2010-04-01/Accounts/" + line.Account + "/Messages/MM" + strings.Repeat("0", 32) + "/Media/ME" + strings.Repeat("1", 32)
}

func (provider) StartServer(t *testing.T, line chat.Line) smstest.Server {
	fake := pretend.New(pretend.Account{
		SID: line.Account, Token: string(line.Token),
		Numbers: []pretend.Number{{Phone: string(line.Number)}, {Phone: "+14155550199"}},
	})
	httpServer := httptest.NewServer(fake)
	fake.SetURL(httpServer.URL)
	t.Cleanup(func() { fake.Close(); httpServer.Close() })
	return server{fake, httpServer.URL, string(line.Number)}
}

// A server is a Twilio without a webhook URL.
type server struct {
	*pretend.Twilio
	url, number string
}

func (s server) URL() string { return s.url }

func (s server) SendText(from chat.Phone, text string, files ...chat.File) string {
	var media []pretend.Media
	for _, f := range files {
		media = append(media, pretend.Media{Type: f.Type, Data: f.Data, NotFoundTimes: 1})
	}
	s.Twilio.Text(string(from), "+14155550199", "to another number")
	return s.Twilio.Text(string(from), s.number, text, media...)
}

func (provider) InboundWebhook(line chat.Line, in chat.Incoming, extra map[string]string) sms.Webhook {
	form := url.Values{
		"MessageSid": {in.ID}, "SmsSid": {in.ID}, "SmsMessageSid": {in.ID}, "AccountSid": {in.Account},
		"From": {string(in.From)}, "To": {string(in.To)}, "Body": {in.Text}, "SmsStatus": {"received"},
		"NumMedia": {strconv.Itoa(len(in.Media))}, "ToCity": {""}, "ApiVersion": {"2010-04-01"},
	}
	for i, m := range in.Media {
		form.Set("MediaUrl"+strconv.Itoa(i), m.URL)
		form.Set("MediaContentType"+strconv.Itoa(i), m.Type)
	}
	if in.Keyword != "" {
		form.Set("OptOutType", string(in.Keyword))
	}
	for name, value := range extra {
		form.Set(name, value)
	}
	return signed(line, "https://sms.example.com/hooks/"+line.Endpoint+"/inbound", form)
}

func (provider) StatusWebhook(line chat.Line, r chat.Report) sms.Webhook {
	state := string(r.State)
	if r.State == chat.Failed {
		state = "undelivered"
	}
	form := url.Values{"MessageSid": {r.ID}, "SmsSid": {r.ID}, "MessageStatus": {state}, "SmsStatus": {state}, "AccountSid": {line.Account}}
	if r.OptedOut {
		form.Set("ErrorCode", "21610")
	} else if r.Looped {
		form.Set("ErrorCode", "30039")
	} else if r.State == chat.Failed {
		form.Set("ErrorCode", "30003")
	}
	return signed(line, "https://sms.example.com/hooks/"+line.Endpoint+"/status/"+string(r.Token), form)
}

func (provider) SendResponse(a smstest.Answer) smstest.Response {
	apiError := func(status, code int) smstest.Response {
		return smstest.Response{Status: status, Body: `{"code":` + strconv.Itoa(code) + `,"message":"The 'To' number +14155550123 …","more_info":"https://www.twilio.com/docs/errors/` +
			strconv.Itoa(code) + `","status":` + strconv.Itoa(status) + `}`, Header: map[string]string{"Retry-After": "7"}}
	}
	switch a {
	case smstest.NotMobile:
		return apiError(400, 21614)
	case smstest.OptedOut:
		return apiError(400, 21610)
	case smstest.TooMany:
		return apiError(429, 20429)
	case smstest.Denied:
		return apiError(401, 20003)
	case smstest.Broken:
		return apiError(500, 20500)
	case smstest.MixedUp:
		return smstest.Response{Status: 201, Body: `{"sid":"SM00000000000000000000000000000002","status":"queued","to":"+14155550177","body":"Something else"}`}
	}
	return smstest.Response{Status: 201, Body: `{"sid":"` + smstest.SentID + `","status":"queued","num_segments":"2","num_media":"0","error_code":null,"price":null}`}
}

func signed(line chat.Line, address string, form url.Values) sms.Webhook {
	text := address
	for _, name := range slices.Sorted(maps.Keys(form)) {
		text += name + form.Get(name)
	}
	return webhook(http.MethodPost, address, form.Encode(), hmacOf(string(line.Token), text))
}

func hmacOf(token, text string) string {
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func webhook(method, address, body, signature string) sms.Webhook {
	return sms.Webhook{Method: method, URL: address, Body: []byte(body), Header: func(name string) string {
		if name == "X-Twilio-Signature" {
			return signature
		}
		return ""
	}}
}

func TestInbound(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body string
		want chat.Incoming
	}{
		"a text": {sample, chat.Incoming{Account: "AC0123456789abcdef0123456789abcdef", ID: "SM0123456789abcdef0123456789abcdef",
			From: "+14155550123", To: "+14155550100", Text: "Skip my next order 👍 & thanks"}},
		"body missing":         {"MessageSid=SM1&From=%2B1&NumMedia=0", chat.Incoming{ID: "SM1", From: "+1"}},
		"an old name":          {"SmsSid=SM1&Body=x", chat.Incoming{ID: "SM1", Text: "x"}},
		"not well formed":      {"MessageSid=SM1&Body=100%&&x&=y&%zz=%4", chat.Incoming{ID: "SM1", Text: "100%"}},
		"a semicolon":          {"MessageSid=SM1&Body=a;b", chat.Incoming{ID: "SM1", Text: "a;b"}},
		"an equals sign":       {"MessageSid=SM1&Body=a=b", chat.Incoming{ID: "SM1", Text: "a=b"}},
		"a wrong count":        {"MessageSid=MM1&NumMedia=x&MediaUrl1=u", chat.Incoming{ID: "MM1", Media: []chat.Media{{URL: "u"}}}},
		"an unknown opt-out":   {"MessageSid=SM1&OptOutType=PAUSE", chat.Incoming{ID: "SM1"}},
		"an opt-out":           {"MessageSid=SM1&OptOutType=STOP&Body=stahp", chat.Incoming{ID: "SM1", Text: "stahp", Keyword: chat.Stop}},
		"a NUL":                {"MessageSid=SM1&Body=STOP%00", chat.Incoming{ID: "SM1", Text: "STOP\uFFFD"}},
		"white space is kept":  {"MessageSid=SM1&Body=+a%0A+", chat.Incoming{ID: "SM1", Text: " a\n "}},
		"a repeated name":      {"MessageSid=SM1&MessageSid=SM2", chat.Incoming{ID: "SM1"}},
		"a sender of WhatsApp": {"MessageSid=SM1&From=whatsapp%3A%2B1415", chat.Incoming{ID: "SM1", From: "whatsapp:+1415"}},
	} {
		t.Run(name, func(t *testing.T) {
			test.want.Provider = "twilio"
			got, err := twilio.Inbound([]byte(test.body))
			if err != nil || !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v, %v; want %+v", got, err, test.want)
			}
		})
	}
}

func FuzzInbound(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte(report))
	f.Add([]byte("MessageSid=SM1&Body=%00%ff%&MediaUrl0=x"))
	f.Fuzz(func(t *testing.T, body []byte) {
		in, err := twilio.Inbound(body)
		if (err == nil) != (in.ID != "") {
			t.Errorf("id %q, error %v", in.ID, err)
		}
		strs := []string{in.ID, in.Account, string(in.From), string(in.To), in.Text}
		for _, m := range in.Media {
			strs = append(strs, m.Type, m.URL)
		}
		for _, s := range strs {
			if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
				t.Errorf("not storable: %q", s)
			}
		}
		if r, err := twilio.Status(body, "t"); err == nil && (r.State == chat.Failed) != (r.Problem != nil) {
			t.Errorf("state %s, problem %v", r.State, r.Problem)
		}
	})
}

// A well-formed form is decoded as net/url does.
func FuzzForm(f *testing.F) {
	f.Add("Body", "a b+c%20&=;é")
	f.Fuzz(func(t *testing.T, name, value string) {
		if !utf8.ValidString(value) || strings.ContainsRune(value, 0) || name == "MessageSid" {
			return
		}
		form := url.Values{"MessageSid": {"SM1"}, name: {value}, "Body": {value}}
		if in, err := twilio.Inbound([]byte(form.Encode())); err != nil || in.Text != value {
			t.Errorf("got %q, %v; want %q", in.Text, err, value)
		}
	})
}

func TestStatus(t *testing.T) {
	t.Parallel()
	failed := func(code, text string) *chat.Problem { return &chat.Problem{Code: code, Text: text} }
	for body, want := range map[string]chat.Report{
		"MessageStatus=accepted":                            {State: chat.Queued},
		"MessageStatus=scheduled":                           {State: chat.Queued},
		"SmsStatus=sent":                                    {State: chat.Sent},
		"MessageStatus=partially_delivered":                 {State: chat.Sent},
		"MessageStatus=delivered&RawDlrDoneDate=2611220800": {State: chat.Delivered},
		"MessageStatus=read":                                {State: chat.Delivered},
		"MessageStatus=teleported":                          {State: chat.Queued}, // an unknown state; Twilio has the text
		"":                                                  {State: chat.Queued},
		"MessageStatus=canceled":                            {State: chat.Failed, Problem: failed("canceled", "This text was cancelled before it was sent.")},
		"MessageStatus=undelivered":                         {State: chat.Failed, Problem: failed("undelivered", "The carrier did not deliver this text.")},
		"MessageStatus=undelivered&ErrorCode=30003":         {State: chat.Failed, Problem: failed("30003", "The phone is switched off or out of reach.")},
		"MessageStatus=undelivered&ErrorCode=12345":         {State: chat.Failed, Problem: failed("12345", "The carrier did not deliver this text (code 12345).")},
		"MessageStatus=failed&ErrorCode=21610":              {State: chat.Failed, Problem: failed("21610", "The shopper has opted out of texts from this number."), OptedOut: true},
		"MessageStatus=failed&ErrorCode=30039":              {State: chat.Failed, Problem: failed("30039", "Twilio stopped this text, as the conversation looked like two machines answering each other."), Looped: true},
		"MessageStatus=failed&ErrorCode=63038":              {State: chat.Failed, Problem: failed("63038", "The Twilio account has reached its limit for today.")},
		"MessageStatus=delivered&ErrorCode=0&x=%00":         {State: chat.Delivered},
		"MessageStatus=failed&ErrorCode=0":                  {State: chat.Failed, Problem: failed("failed", "Twilio could not send this text.")},
	} {
		want.Token, want.ID = "t1", "SM1"
		got, err := twilio.Status([]byte("MessageSid=SM1&"+body), "t1")
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v; want %+v", body, got, err, want)
		}
	}
	if _, err := twilio.Status([]byte("MessageStatus=sent"), "t1"); err == nil {
		t.Error("a report without an id was accepted")
	}
}

// Twilio would send an answer in plain text to the shopper.
func TestAck(t *testing.T) {
	t.Parallel()
	if !strings.HasPrefix(twilio.AckType, "text/xml") || !strings.HasSuffix(twilio.Ack, "<Response/>") {
		t.Error(twilio.AckType, twilio.Ack)
	}
}
