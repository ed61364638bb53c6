package smstest

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"sidetext/chat"
	"sidetext/sms"
)

func testSignature(t *testing.T, p Provider) {
	good := p.InboundWebhook(line, text(nil), nil)
	with := func(change func(*sms.Webhook)) sms.Webhook {
		w := good
		w.Body = bytes.Clone(w.Body)
		change(&w)
		return w
	}
	header := func(value string) func(*sms.Webhook) {
		return func(w *sms.Webhook) {
			w.Header = func(name string) string {
				if name == p.SignatureHeader() {
					return value
				}
				return good.Header(name)
			}
		}
	}
	foreign := line
	foreign.Token = "another shop's token"
	for name, test := range map[string]struct {
		webhook sms.Webhook
		tokens  []chat.Secret
		want    error
	}{
		"good":                     {good, []chat.Secret{line.Token}, nil},
		"either of two":            {good, []chat.Secret{"new", line.Token}, nil},
		"missing":                  {with(header("")), []chat.Secret{line.Token}, sms.ErrUnsigned},
		"bad":                      {with(header("bm90IGEgc2lnbmF0dXJlIGF0IGFsbA==")), []chat.Secret{line.Token}, sms.ErrForged},
		"with another token":       {p.InboundWebhook(foreign, text(nil), nil), []chat.Secret{line.Token}, sms.ErrForged},
		"no token":                 {good, nil, sms.ErrForged},
		"other address":            {with(func(w *sms.Webhook) { w.URL += "x" }), []chat.Secret{line.Token}, sms.ErrForged},
		"body cut":                 {with(func(w *sms.Webhook) { w.Body = w.Body[:len(w.Body)/2] }), []chat.Secret{line.Token}, sms.ErrForged},
		"signed with an empty key": {p.InboundWebhook(chat.Line{Account: line.Account}, text(nil), nil), []chat.Secret{""}, sms.ErrForged},
	} {
		t.Run(name, func(t *testing.T) {
			if err := p.Verify(test.webhook, test.tokens...); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
	t.Run("no byte can be changed", func(t *testing.T) {
		for i := range good.Body {
			forged := with(func(w *sms.Webhook) { w.Body[i] ^= 1 })
			if p.Verify(forged, line.Token) == nil && !sameText(p, good, forged) {
				t.Fatalf("a change of byte %d changed the text and was not detected", i)
			}
		}
	})
}

// sameText reports whether two requests have the same text: "%2b" is "%2B".
func sameText(p Provider, a, b sms.Webhook) bool {
	one, err := p.Inbound(a.Body)
	two, err2 := p.Inbound(b.Body)
	return err == nil && err2 == nil && reflect.DeepEqual(one, two)
}

func testInbound(t *testing.T, p Provider) {
	pictures := func(n int) func(*chat.Incoming) {
		return func(in *chat.Incoming) {
			for i := range n {
				in.Media = append(in.Media, chat.Media{Type: "image/jpeg", URL: fmt.Sprintf("https://media.example.com/%d", i)})
			}
		}
	}
	for name, test := range map[string]struct {
		text  chat.Incoming
		extra map[string]string
	}{
		"a text":              {text(nil), nil},
		"a picture":           {text(pictures(1)), nil},
		"ten pictures":        {text(pictures(10)), nil},
		"a picture, no words": {text(func(in *chat.Incoming) { in.Text = ""; pictures(1)(in) }), nil},
		"empty":               {text(func(in *chat.Incoming) { in.Text = "" }), nil},
		"from a short code":   {text(func(in *chat.Incoming) { in.From = "72345" }), nil},
		"from a word":         {text(func(in *chat.Incoming) { in.From = "BRAND Ltd" }), nil},
		"several lines":       {text(func(in *chat.Incoming) { in.Text = " a=b&c;d\r\n\t#é “q” \u202e" }), nil},
		"the longest":         {text(func(in *chat.Incoming) { in.Text = strings.Repeat("ü", chat.MaxText) }), nil},
		"unknown fields":      {text(nil), map[string]string{"Tomorrow": "x", "Empty": ""}},
		"stop":                {text(func(in *chat.Incoming) { in.Text, in.Keyword = "STOP", chat.Stop }), nil},
		"start":               {text(func(in *chat.Incoming) { in.Text, in.Keyword = "START", chat.Start }), nil},
		"help":                {text(func(in *chat.Incoming) { in.Text, in.Keyword = "HELP", chat.Help }), nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := p.InboundWebhook(line, test.text, test.extra)
			if err := p.Verify(w, line.Token); err != nil {
				t.Fatalf("verify: %v", err)
			}
			got, err := p.Inbound(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			if got.Provider == "" {
				t.Error("the provider has no name")
			}
			want := test.text
			want.Provider = got.Provider
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
	t.Run("twice", func(t *testing.T) {
		one, err := p.Inbound(p.InboundWebhook(line, text(nil), nil).Body)
		two, err2 := p.Inbound(p.InboundWebhook(line, text(nil), nil).Body)
		if err != nil || err2 != nil || one.ID != two.ID || one.Account != two.Account {
			t.Errorf("one text has two ids: %q, %q (%v, %v)", one.ID, two.ID, err, err2)
		}
	})
	t.Run("without an id", func(t *testing.T) {
		if _, err := p.Inbound(p.InboundWebhook(line, text(func(in *chat.Incoming) { in.ID = "" }), nil).Body); err == nil {
			t.Error("a text without an id was accepted")
		}
	})
	t.Run("invalid characters", func(t *testing.T) {
		got, err := p.Inbound(p.InboundWebhook(line, text(func(in *chat.Incoming) { in.Text = "one\x00two\xffthree" }), nil).Body)
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsRune(got.Text, 0) || !utf8.ValidString(got.Text) {
			t.Errorf("not storable: %q", got.Text)
		}
		for _, part := range []string{"one", "two", "three"} {
			if !strings.Contains(got.Text, part) {
				t.Errorf("%q is missing in %q", part, got.Text)
			}
		}
	})
}
