package twilio_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"sidetext/pretend/twilio"
)

const of = "/2010-04-01/Accounts/" + account

// TestNoParameterIsIgnored: each parameter has an effect or is refused.
func TestNoParameterIsIgnored(t *testing.T) {
	t.Parallel()
	s := play(t)
	number, _ := s.Number(store)
	one := of + "/IncomingPhoneNumbers/" + number.SID + ".json"
	for name, test := range map[string]struct {
		method, path string
		form         url.Values
		code         float64
	}{
		"a filter of no list":          {"GET", of + "/Messages.json?Status=failed", nil, 20001},
		"a misspelt filter":            {"GET", of + "/Messages.json?to=%2B14155550123", nil, 20001},
		"a filter twice":               {"GET", of + "/Messages.json?To=%2B1&To=%2B2", nil, 20001},
		"a bad date":                   {"GET", of + "/Messages.json?DateSent=yesterday", nil, 20001},
		"a bad date after":             {"GET", of + "/Messages.json?DateSent>=02-01-2026", nil, 20001},
		"a query of nonsense":          {"GET", of + "/Messages.json?%zz=1", nil, 20001},
		"a semicolon":                  {"GET", of + "/Messages.json?To=1;From=2", nil, 20001},
		"a bad page size":              {"GET", of + "/Messages.json?PageSize=many", nil, 20001},
		"an empty page size":           {"GET", of + "/Messages.json?PageSize=0", nil, 20001},
		"a bad page":                   {"GET", of + "/Messages.json?Page=-1", nil, 20001},
		"a foreign page token":         {"GET", of + "/Messages.json?PageToken=PASM1", nil, 21481},
		"a page token of services":     {"GET", "/v1/Services?PageToken=PAMG1", nil, 21481},
		"a filter of media":            {"GET", of + "/Messages/" + s.Text(jane, store, "hi") + "/Media.json?ContentType=image", nil, 20001},
		"a filter of numbers":          {"GET", of + "/IncomingPhoneNumbers.json?Type=local", nil, 20001},
		"a beta that is no bool":       {"GET", of + "/IncomingPhoneNumbers.json?Beta=1", nil, 20001},
		"an unknown origin":            {"GET", of + "/IncomingPhoneNumbers.json?Origin=moon", nil, 20001},
		"a filter of services":         {"GET", "/v1/Services?FriendlyName=x", nil, 20001},
		"a filter of one text":         {"GET", one + "?PhoneNumber=1", nil, 20001},
		"a setting of numbers":         {"POST", one, url.Values{"VoiceUrl": {"https://a.example"}}, 20001},
		"a setting in the address":     {"POST", one + "?SmsUrl=https://a.example", nil, 20001},
		"a setting of services":        {"POST", "/v1/Services/" + pool, url.Values{"SmartEncoding": {"true"}}, 20001},
		"a bool of services":           {"POST", "/v1/Services/" + pool, url.Values{"UseInboundWebhookOnNumber": {"yes"}}, 20001},
		"a method of services":         {"POST", "/v1/Services/" + pool, url.Values{"InboundMethod": {"GET"}}, 20001},
		"a template":                   {"POST", of + "/Messages.json", url.Values{"To": {jane}, "From": {store}, "ContentSid": {"HX1"}}, 20001},
		"smart encoding":               {"POST", of + "/Messages.json", url.Values{"To": {jane}, "From": {store}, "Body": {"hi"}, "SmartEncoded": {"true"}}, 20001},
		"two bodies":                   {"POST", of + "/Messages.json", url.Values{"To": {jane}, "From": {store}, "Body": {"a", "b"}}, 20001},
		"an address that is no URL":    {"POST", one, url.Values{"SmsUrl": {"here"}}, 21402},
		"an address without a host":    {"POST", one, url.Values{"SmsUrl": {"https:///in"}}, 21402},
		"another scheme":               {"POST", one, url.Values{"SmsFallbackUrl": {"ftp://a.example/in"}}, 21402},
		"a method that is none":        {"POST", one, url.Values{"SmsMethod": {"PUT"}}, 21403},
		"a fallback of nothing":        {"POST", one, url.Values{"SmsUrl": {""}, "SmsFallbackUrl": {"https://a.example"}}, 21406},
		"an application that is none":  {"POST", one, url.Values{"SmsApplicationSid": {"PN1"}}, 21420},
		"a callback that is no URL":    {"POST", one, url.Values{"StatusCallback": {"here"}}, 21502},
		"a service's callback":         {"POST", "/v1/Services/" + pool, url.Values{"StatusCallback": {"a.example/in"}}, 21502},
		"a service's address":          {"POST", "/v1/Services/" + pool, url.Values{"InboundRequestUrl": {"mailto:a@example.com"}}, 21502},
		"a service's fallback address": {"POST", "/v1/Services/" + pool, url.Values{"FallbackUrl": {"https://a b.example"}}, 21502},
	} {
		t.Run(name, func(t *testing.T) {
			if status, body := s.api(test.method, test.path, test.form); status != 400 || body["code"] != test.code || body["message"] == "" {
				t.Errorf("got %d %v, want %v", status, body, test.code)
			}
		})
	}
	if now, _ := s.Number(store); now != number {
		t.Errorf("a refused request changed the number to %+v", now)
	}
	if len(s.Accepted()) != 0 {
		t.Errorf("accepted %v", s.Accepted())
	}
}

func TestNumberFilters(t *testing.T) {
	t.Parallel()
	s := play(t)
	for query, want := range map[string]int{
		"": 2, "PhoneNumber=%2B14155550100": 1, "PhoneNumber=%2B1415555010*": 2, "PhoneNumber=*0101": 1, "PhoneNumber=55501": 2,
		"PhoneNumber=.": 0, "PhoneNumber=%2B1415555019*": 0, "FriendlyName=%2B14155550100": 1, "FriendlyName=main": 0,
		"Beta=false": 2, "Beta=true": 0, "Origin=twilio": 2, "Origin=hosted": 0, "PhoneNumber=*&Beta=true": 0,
	} {
		_, body := s.api("GET", of+"/IncomingPhoneNumbers.json?"+query, nil)
		if found, _ := body["incoming_phone_numbers"].([]any); len(found) != want {
			t.Errorf("%q: %d numbers, want %d", query, len(found), want)
		}
	}
}

func TestInvalidMessageParameters(t *testing.T) {
	t.Parallel()
	s := play(t)
	in := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(time.RFC3339) }
	for name, test := range map[string]struct {
		fields []string
		code   float64
	}{
		"validity of nothing":         {[]string{"ValidityPeriod", "0"}, 21624},
		"validity before now":         {[]string{"ValidityPeriod", "-1"}, 21624},
		"validity of more than 10 h":  {[]string{"ValidityPeriod", "36001"}, 21624},
		"validity in parts":           {[]string{"ValidityPeriod", "1.5"}, 21624},
		"validity in words":           {[]string{"ValidityPeriod", "10m"}, 21624},
		"sender that is no number":    {[]string{"From", "0415"}, 21212},
		"sender without the plus":     {[]string{"From", "14155550100"}, 21212},
		"sender with a name":          {[]string{"From", "Juniper"}, 21606},
		"receiver is a short code":    {[]string{"To", "72345"}, 21265},
		"receiver is the sender":      {[]string{"To", store}, 21266},
		"receiver is a name":          {[]string{"To", "jane"}, 21211},
		"callback with an underscore": {[]string{"StatusCallback", "https://my_host.example/x"}, 21609},
		"callback is too long":        {[]string{"StatusCallback", "https://a.example/" + strings.Repeat("x", 4000)}, 21609},
		"media of another scheme":     {[]string{"MediaUrl", "file:///etc/passwd"}, 21620},
		"sender of another service":   {[]string{"MessagingServiceSid", pool}, 21711},
		"scheduled without a service": {[]string{"ScheduleType", "fixed", "SendAt", in(time.Hour)}, 35118},
		"scheduled too early":         {[]string{"From", "", "MessagingServiceSid", pool, "ScheduleType", "fixed", "SendAt", in(time.Minute)}, 35114},
		"scheduled too late":          {[]string{"From", "", "MessagingServiceSid", pool, "ScheduleType", "fixed", "SendAt", in(36 * 24 * time.Hour)}, 35114},
		"scheduled for no time":       {[]string{"From", "", "MessagingServiceSid", pool, "ScheduleType", "fixed"}, 35114},
		"scheduled well":              {[]string{"From", "", "MessagingServiceSid", pool, "ScheduleType", "fixed", "SendAt", in(time.Hour)}, 20001},
	} {
		t.Run(name, func(t *testing.T) {
			if status, body := s.send(test.fields...); status != 400 || body["code"] != test.code || body["message"] == "" {
				t.Errorf("got %d %v, want %v", status, body, test.code)
			}
		})
	}
	if got := s.Accepted(); len(got) != 0 {
		t.Errorf("accepted %v", got)
	}
	for _, seconds := range []string{"1", "600", "36000"} {
		if status, body := s.send("ValidityPeriod", seconds); status != 201 {
			t.Errorf("validity of %s: %d %v", seconds, status, body)
		}
	}
}

func TestServiceWithoutNumbers(t *testing.T) {
	t.Parallel()
	played := twilio.New(twilio.Account{SID: account, Token: token, Numbers: []twilio.Number{{Phone: store}, {Phone: pooled, NoSMS: true}}, Pools: []twilio.Pool{{SID: pool}}})
	s := serve(t, played)
	for name, test := range map[string]struct {
		fields []string
		code   float64
	}{
		"empty service":         {[]string{"From", "", "MessagingServiceSid", pool}, 21704},
		"unknown service":       {[]string{"From", "", "MessagingServiceSid", "MGnone"}, 21705},
		"a number without SMS":  {[]string{"From", pooled}, 21606},
		"another's empty pools": {[]string{"MessagingServiceSid", pool}, 21704},
	} {
		if status, body := s.send(test.fields...); status != 400 || body["code"] != test.code {
			t.Errorf("%s: %d %v, want %v", name, status, body, test.code)
		}
	}
	if status, list := s.api("GET", "/v1/Services/"+pool+"/PhoneNumbers", nil); status != 200 || len(list["phone_numbers"].([]any)) != 0 {
		t.Errorf("got %d %v", status, list)
	}
	if status, _ := s.api("GET", "/v1/Services/MGnone/PhoneNumbers", nil); status != 404 {
		t.Errorf("numbers of an unknown service: %d", status)
	}
}

// TestMediaFilters: filters of media compare days.
func TestMediaFilters(t *testing.T) {
	t.Parallel()
	s := play(t)
	sid, _, err := s.Deliver(t.Context(), twilio.Inbound{From: jane, To: store, Missed: true, At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Media: []twilio.Media{{Type: "image/png", Data: []byte("png")}}})
	if err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]int{
		"": 1, "DateCreated=2026-01-02": 1, "DateCreated=2026-01-03": 0, "DateCreated>=2026-01-02T23:00:00Z": 1, "DateCreated<=2026-01-01": 0,
	} {
		_, body := s.api("GET", of+"/Messages/"+sid+"/Media.json?"+query, nil)
		if found, _ := body["media_list"].([]any); len(found) != want {
			t.Errorf("%q: %d files, want %d", query, len(found), want)
		}
	}
}
