package twilio_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"sidetext/pretend/twilio"
)

func TestServices(t *testing.T) {
	t.Parallel()
	s := play(t)
	for path, want := range map[string]int{store: 404, pooled: 200} {
		number, _ := s.Number(path)
		status, body := s.api("GET", "/v1/Services/"+pool+"/PhoneNumbers/"+number.SID, nil)
		if status != want || status == 200 && (body["sid"] != number.SID || body["phone_number"] != pooled || body["service_sid"] != pool) {
			t.Errorf("%s in the service: %d %v", path, status, body)
		}
	}
	s.api("POST", "/v1/Services/"+pool, url.Values{"FallbackUrl": {"https://b.example"}})
	_, list := s.api("GET", "/v1/Services?PageSize=50", nil)
	services, meta := list["services"].([]any), list["meta"].(map[string]any)
	if len(services) != 1 || services[0].(map[string]any)["fallback_url"] != "https://b.example" || meta["next_page_url"] != nil || meta["key"] != "services" {
		t.Errorf("got %v", list)
	}
}

func TestServicePages(t *testing.T) {
	t.Parallel()
	var pools []twilio.Pool
	for i := range 5 {
		pools = append(pools, twilio.Pool{SID: fmt.Sprint("MG", i)})
	}
	played := twilio.New(twilio.Account{SID: account, Token: token, Pools: pools})
	api := httptest.NewServer(played)
	defer api.Close()
	defer played.Close()
	played.SetURL(api.URL)
	s := &stage{Twilio: played, t: t, url: api.URL}
	var got []string
	for next, pages := "/v1/Services?PageSize=2", 0; next != ""; pages++ {
		_, list := s.api("GET", next, nil)
		for _, service := range list["services"].([]any) {
			got = append(got, service.(map[string]any)["sid"].(string))
		}
		whole, _ := list["meta"].(map[string]any)["next_page_url"].(string)
		next = strings.TrimPrefix(whole, api.URL)
		if next != "" && next == whole || pages > 5 {
			t.Fatalf("the next page is %q", whole)
		}
	}
	if want := []string{"MG0", "MG1", "MG2", "MG3", "MG4"}; !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestApplicationOverridesWebhook(t *testing.T) {
	t.Parallel()
	s := play(t)
	number, _ := s.Number(store)
	path := "/2010-04-01/Accounts/" + account + "/IncomingPhoneNumbers/" + number.SID + ".json"
	for app, want := range map[string]int{"AP1": 0, "": 1} {
		s.api("POST", path, url.Values{"SmsApplicationSid": {app}})
		if _, got := s.api("GET", path, nil); got["sms_application_sid"] != app {
			t.Errorf("the number has %v", got)
		}
		if _, calls, err := s.Deliver(t.Context(), twilio.Inbound{From: jane, To: store, Body: "hi"}); err != nil || len(calls) != want {
			t.Errorf("application %q: %d calls, %v", app, len(calls), err)
		}
	}
}

func TestServiceFallback(t *testing.T) {
	t.Parallel()
	s := play(t)
	s.answers = append(s.answers, answer(500, "", ""))
	s.api("POST", "/v1/Services/"+pool, url.Values{"FallbackUrl": {s.hook + "/fallback"}})
	_, calls, err := s.Deliver(t.Context(), twilio.Inbound{From: jane, To: pooled, Body: "hi"})
	if err != nil || calls[0].Kind != twilio.FallbackCall || s.requests()[1].URL.Path != "/fallback" {
		t.Errorf("got %+v, %v", calls, err)
	}
}

// TestLogContainsUndeliveredTexts: the log has all received texts.
func TestLogContainsUndeliveredTexts(t *testing.T) {
	t.Parallel()
	s := play(t)
	old := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	missed, calls, err := s.Deliver(t.Context(), twilio.Inbound{From: jane, To: store, Body: "hi", Missed: true, At: old})
	if err != nil || len(calls) != 0 || len(s.requests()) != 0 {
		t.Fatalf("got %v, %v", calls, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	delivered := make(chan int, 1)
	go func() {
		_, calls, _ := s.Deliver(ctx, twilio.Inbound{From: jane, To: store, Body: "never", Late: time.Hour})
		delivered <- len(calls)
	}()
	s.until(func() bool { return len(s.Messages()) == 2 })
	cancel()
	if n := <-delivered; n != 0 || len(s.requests()) != 0 {
		t.Errorf("a late text was delivered %d times too early", n)
	}
	if _, calls, err := s.Deliver(t.Context(), twilio.Inbound{From: jane, To: store, Body: "later", Late: time.Millisecond}); err != nil || len(calls) != 1 {
		t.Errorf("a late text was not delivered: %v", err)
	}
	_, list := s.api("GET", "/2010-04-01/Accounts/"+account+"/Messages.json?DateSent=2026-01-02", nil)
	only := list["messages"].([]any)
	if len(only) != 1 || only[0].(map[string]any)["sid"] != missed || only[0].(map[string]any)["date_sent"] != "Fri, 02 Jan 2026 03:04:05 +0000" {
		t.Errorf("the list contains %v", only)
	}
}

func TestMediaIsListed(t *testing.T) {
	t.Parallel()
	s := play(t)
	sid := s.Text(jane, store, "", twilio.Media{Type: "image/png", Data: []byte("a")}, twilio.Media{Type: "audio/amr", Data: []byte("b")})
	m, _ := s.Message(sid)
	status, list := s.api("GET", "/2010-04-01/Accounts/"+account+"/Messages/"+sid+"/Media.json", nil)
	media, _ := list["media_list"].([]any)
	if status != 200 || len(media) != 2 {
		t.Fatalf("got %d %v", status, list)
	}
	for i, kind := range []string{"image/png", "audio/amr"} {
		one := media[i].(map[string]any)
		if one["content_type"] != kind || one["parent_sid"] != sid || !strings.HasSuffix(m.Media[i].URL, one["sid"].(string)) {
			t.Errorf("file %d is %v", i, one)
		}
	}
	if status, _ := s.api("GET", "/2010-04-01/Accounts/"+account+"/Messages/MMnone/Media.json", nil); status != 404 {
		t.Errorf("media of an unknown message: %d", status)
	}
}
