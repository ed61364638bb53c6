package twilio_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"testing"

	"sidetext/chat"
	"sidetext/sms/twilio"
)

// An account is a fake of the few resources that a check needs: answers by path.
type account map[string]string

func (a account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if user, password, _ := r.BasicAuth(); user != line.Account || password != string(line.Token) {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"code":20003}`)
		return
	}
	answer, ok := a[r.URL.Path]
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"code":20404}`)
		return
	}
	_, _ = io.WriteString(w, answer)
}

const (
	home    = "/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef"
	numbers = home + "/IncomingPhoneNumbers.json"
	mine    = `{"incoming_phone_numbers":[{"sid":"PN2","phone_number":"+141555501001"},{"sid":"PN1","phone_number":"+14155550100","capabilities":{"sms":true,"voice":true}}]}`
)

func TestCheck(t *testing.T) {
	t.Parallel()
	service := line
	service.Service = "MG1"
	denied, key := line, line
	denied.Token, key.Account = "old", "SK0123456789abcdef0123456789abcdef"
	for name, test := range map[string]struct {
		line    chat.Line
		account account
		code    string // of the error, or empty
	}{
		"ok":              {line, account{home + ".json": `{"status":"active"}`, numbers: mine}, ""},
		"an API key":      {key, nil, "account"},
		"wrong token":     {denied, nil, "credentials"},
		"suspended":       {line, account{home + ".json": `{"status":"suspended"}`}, "account"},
		"closed":          {line, account{}, "unknown"},
		"no number":       {line, account{home + ".json": `{}`, numbers: `{"incoming_phone_numbers":[]}`}, "number"},
		"a longer number": {line, account{home + ".json": `{}`, numbers: `{"incoming_phone_numbers":[{"sid":"PN2","phone_number":"+141555501001"}]}`}, "number"},
		"voice only":      {line, account{home + ".json": `{}`, numbers: `{"incoming_phone_numbers":[{"sid":"PN2","phone_number":"+14155550100","capabilities":{"sms":false}}]}`}, "number"},
		"nonsense":        {line, account{home + ".json": `<html>`}, "unreachable"},
		"service defers":  {service, account{home + ".json": `{}`, numbers: mine, "/v1/Services/MG1": `{"use_inbound_webhook_on_number":true}`}, ""},
		"service keeps":   {service, account{home + ".json": `{}`, numbers: mine, "/v1/Services/MG1": `{"use_inbound_webhook_on_number":false}`}, "service"},
		"service unknown": {service, account{home + ".json": `{}`, numbers: mine}, "unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(test.account)
			defer server.Close()
			if got := code(t, twilio.New(server.URL).Check(t.Context(), test.line)); got != test.code {
				t.Errorf("got %q, want %q", got, test.code)
			}
		})
	}
	t.Run("no server", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(nil)
		server.Close()
		if got := code(t, twilio.New(server.URL).Check(t.Context(), line)); got != "unreachable" {
			t.Errorf("got %q", got)
		}
	})
}

func TestSetWebhook(t *testing.T) {
	t.Parallel()
	const inbound = "https://sms.example.com/hooks/twilio/e1/inbound"
	for name, test := range map[string]struct {
		answer, code string
	}{
		"kept":     {`{"sms_url":"` + inbound + twilio.Fragment + `"}`, ""},
		"not kept": {`{"sms_url":"https://elsewhere.example"}`, "webhook"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := make(chan url.Values, 1)
			fake := account{numbers: mine, home + "/IncomingPhoneNumbers/PN1.json": test.answer}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					_ = r.ParseForm()
					got <- r.PostForm
				} else if r.URL.Query().Get("PhoneNumber") != "+14155550100" {
					t.Errorf("got request %s", r.URL)
				}
				fake.ServeHTTP(w, r)
			}))
			defer server.Close()
			if code := code(t, twilio.New(server.URL).SetWebhook(t.Context(), line, inbound)); code != test.code {
				t.Errorf("got %q, want %q", code, test.code)
			}
			want := url.Values{
				"SmsUrl": {inbound + "#rc=5&rp=all&ct=2000&rt=2500"}, "SmsMethod": {"POST"}, "SmsApplicationSid": {""},
				"SmsFallbackUrl": {inbound + "#rc=5&rp=all&ct=2000&rt=2500"}, "SmsFallbackMethod": {"POST"},
			}
			select {
			case form := <-got:
				if !reflect.DeepEqual(form, want) {
					t.Errorf("got %v, want %v", form, want)
				}
			default:
				t.Error("no POST")
			}
		})
	}
	t.Run("not our number", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(account{numbers: `{}`})
		defer server.Close()
		if got := code(t, twilio.New(server.URL).SetWebhook(t.Context(), line, inbound)); got != "number" {
			t.Errorf("got %q", got)
		}
	})
}

// code returns the code of an error that may be shown, or "".
func code(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	e := new(chat.Error)
	if !errors.As(err, &e) || e.Text == "" {
		t.Fatalf("not a chat.Error with a text: %v", err)
	}
	return e.Code
}
