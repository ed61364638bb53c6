package twilio_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/sms/twilio"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// row returns a text in Twilio's list, sent from the line at noon plus seconds.
func row(id string, seconds int, fields ...any) map[string]any {
	at := noon.Add(time.Duration(seconds) * time.Second).Format(time.RFC1123Z)
	m := map[string]any{
		"sid": id, "account_sid": line.Account, "direction": "outbound-api", "from": string(line.Number), "to": "+14155550123",
		"body": id, "status": "queued", "num_media": "0", "error_code": nil, "messaging_service_sid": nil,
		"date_created": at, "date_sent": nil,
	}
	for i := 0; i < len(fields); i += 2 {
		m[fields[i].(string)] = fields[i+1]
	}
	return m
}

// in returns a received text in Twilio's list.
func in(id string, seconds int, fields ...any) map[string]any {
	at := noon.Add(time.Duration(seconds) * time.Second).Format(time.RFC1123Z)
	return row(id, seconds, append([]any{"direction", "inbound", "from", "+14155550123", "to", string(line.Number), "status", "received", "date_sent", at}, fields...)...)
}

// pages serves a list, a page for each request, and returns a client and the requested
// URLs. A page is a slice of rows, or any other value, which is served as it is.
func pages(t *testing.T, all ...any) (*twilio.Client, func() []string) {
	var mu sync.Mutex
	var requests []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		requests = append(requests, r.URL.RequestURI())
		n := len(requests) - 1
		mu.Unlock()
		if user, password, _ := r.BasicAuth(); user != line.Account || password != string(line.Token) {
			t.Error("not the line's credentials")
		}
		page := all[min(n, len(all)-1)]
		if rows, ok := page.([]map[string]any); ok {
			var next any
			if n < len(all)-1 {
				next = fmt.Sprintf("%s/Messages.json?Page=%d&PageToken=PA%d", inAccount, n+1, n)
			}
			page = map[string]any{"messages": rows, "next_page_uri": next}
		}
		_ = json.NewEncoder(w).Encode(page)
	}))
	t.Cleanup(server.Close)
	return twilio.New(server.URL), func() []string {
		mu.Lock()
		defer mu.Unlock()
		return requests
	}
}

type rows = []map[string]any

func TestSent(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		pages    []any
		want     string // the ids
		requests int
	}{
		"nothing":               {[]any{rows{}}, "", 1},
		"all on a page":         {[]any{rows{row("2", 2), row("1", 1), row("0", -1)}}, "2 1", 1},
		"at the same second":    {[]any{rows{row("1", 0)}}, "1", 1},
		"over pages":            {[]any{rows{row("3", 3), row("2", 2)}, rows{row("1", 1)}}, "3 2 1", 2},
		"until all are older":   {[]any{rows{row("3", 3), row("0", -9)}, rows{row("2", 2), row("-1", -10)}, rows{row("-2", -11)}, rows{row("unseen", 1)}}, "3 2", 3},
		"pages that overlap":    {[]any{rows{row("3", 3), row("2", 2)}, rows{row("2", 2), row("1", 1)}}, "3 2 1", 2},
		"not quite in order":    {[]any{rows{row("1", 1), row("3", 3), row("2", 2)}}, "3 2 1", 1},
		"waiting":               {[]any{rows{row("1", 1, "status", "accepted")}}, "1", 1},
		"no answers to webhook": {[]any{rows{row("1", 1, "direction", "outbound-reply"), row("2", 1, "direction", "outbound-call")}}, "", 1},
		"no inbound texts":      {[]any{rows{in("1", 1, "from", string(line.Number), "to", "+14155550123")}}, "", 1},
		"no other number's":     {[]any{rows{row("1", 1, "from", "+14155550199")}}, "", 1},
		"to another phone":      {[]any{rows{row("1", 1, "to", "+14155550199")}}, "", 1},
		"no other service's":    {[]any{rows{row("1", 1, "from", nil, "messaging_service_sid", "MG2")}}, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, requests := pages(t, test.pages...)
			got, err := c.Sent(t.Context(), line, "+14155550123", noon.Add(700*time.Millisecond))
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, r := range got {
				ids = append(ids, r.ID)
			}
			if s := strings.Join(ids, " "); s != test.want || len(requests()) != test.requests {
				t.Errorf("got %q with %d requests, want %q with %d", s, len(requests()), test.want, test.requests)
			}
			if first := requests()[0]; strings.Contains(first, "DateSent") || !strings.Contains(first, "PageSize=1000") || !strings.Contains(first, "To=%2B14155550123") {
				t.Errorf("requested %s", first)
			}
		})
	}
}

// The state of another text must not be taken for that of this one.
func TestStatusOfAnotherText(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]map[string]any{
		"another text": row("SM2", 1, "status", "delivered"), "another account": row("SM1", 1, "status", "delivered", "account_sid", "AC9"),
		"no ids": {"status": "delivered"},
	} {
		c, _ := pages(t, m)
		got, err := c.Status(t.Context(), line, "SM1")
		if e := sendError(t, err); got != (chat.Report{}) || e.Outcome != chat.NotSent {
			t.Errorf("%s: got %+v, %+v", name, got, e)
		}
	}
	c, _ := pages(t, row("SM1", 1, "status", "undelivered", "error_code", 30003))
	if got, err := c.Status(t.Context(), line, "SM1"); err != nil || got.ID != "SM1" || got.State != chat.Failed || got.Problem.Code != "30003" {
		t.Errorf("got %+v, %v", got, err)
	}
}

// A messaging service chooses the sender later; until then the text has none.
func TestSentThroughService(t *testing.T) {
	t.Parallel()
	service := line
	service.Service = "MG1"
	c, _ := pages(t, rows{row("2", 2, "from", nil, "messaging_service_sid", "MG1", "status", "accepted"), row("1", 1, "messaging_service_sid", "MG1")})
	if got, err := c.Sent(t.Context(), service, "+14155550123", noon); err != nil || len(got) != 2 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestSentReports(t *testing.T) {
	t.Parallel()
	c, _ := pages(t, rows{row("2", 2, "status", "undelivered", "error_code", 30039, "body", "a\u2019b 👋"), row("1", 1, "status", "failed", "error_code", "21610")})
	got, err := c.Sent(t.Context(), line, "+14155550123", noon)
	if err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	if r := got[0]; r.State != chat.Failed || r.Problem.Code != "30039" || !r.Looped || r.Text != "a\u2019b 👋" || !r.At.Equal(noon.Add(2*time.Second)) {
		t.Errorf("got %+v", r)
	}
	if r := got[1]; !r.OptedOut || r.Looped {
		t.Errorf("got %+v", r)
	}
}

// A list is complete, or it is an error.
func TestIncompleteLists(t *testing.T) {
	t.Parallel()
	next := func(uri string) any { return map[string]any{"messages": rows{row("1", 1)}, "next_page_uri": uri} }
	for name, test := range map[string]struct {
		pages    []any
		requests int
	}{
		"no list":               {[]any{map[string]any{}}, 1},
		"no list on page two":   {[]any{rows{row("2", 2)}, map[string]any{"code": 0}}, 2},
		"it is null":            {[]any{map[string]any{"messages": nil}}, 1},
		"an array":              {[]any{[]int{1}}, 1},
		"without an id":         {[]any{rows{row("", 1)}}, 1},
		"without a date":        {[]any{rows{row("1", 1, "date_created", "soon")}}, 1},
		"another account's":     {[]any{rows{row("1", 1, "account_sid", "AC9")}}, 1},
		"no account's":          {[]any{rows{row("1", 1, "account_sid", nil)}}, 1},
		"to another host":       {[]any{next("https://evil.example" + inAccount + "/Messages.json?Page=1")}, 1},
		"a host in the path":    {[]any{next("@evil.example" + inAccount + "/Messages.json?Page=1")}, 1},
		"to another account":    {[]any{next("/2010-04-01/Accounts/AC9/Messages.json?Page=1")}, 1},
		"to another resource":   {[]any{next(inAccount + "/Calls.json?Page=1")}, 1},
		"for ever":              {[]any{next(inAccount + "/Messages.json?Page=1")}, 100},
		"wrong in the middle":   {[]any{rows{row("3", 3)}, "oops", rows{row("1", 1)}}, 2},
		"a number for messages": {[]any{map[string]any{"messages": 7}}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, requests := pages(t, test.pages...)
			got, err := c.Sent(t.Context(), line, "+14155550123", noon)
			if e := sendError(t, err); got != nil || e.Outcome != chat.NotSent {
				t.Errorf("got %v, %+v", got, e)
			}
			if len(requests()) != test.requests {
				t.Errorf("%d requests, want %d", len(requests()), test.requests)
			}
		})
	}
}

func TestReceived(t *testing.T) {
	t.Parallel()
	files := map[string]any{"media_list": []any{
		map[string]any{"sid": "ME1", "content_type": "image/png"}, map[string]any{"sid": "ME2", "content_type": "audio/amr"},
	}}
	c, requests := pages(t,
		rows{
			in("MM5", 5, "num_media", "2", "body", ""), in("SM4", 4, "body", "nul \x00"), row("SM9", 4), row("SM7", 4, "to", string(line.Number)),
			in("SM8", 4, "to", "+14155550199"), in("SM3", 3, "date_sent", nil), in("SM2", 3, "date_created", noon.Add(-time.Hour).Format(time.RFC1123Z)), in("SM0", -1),
		},
		rows{in("SM-1", -20)},
		files,
	)
	got, err := c.Received(t.Context(), line, noon)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(requests()); n != 2 {
		t.Errorf("Received already requested files: %v", requests())
	}
	for i := range got {
		if got[i].Media, err = c.Files(t.Context(), line, got[i]); err != nil {
			t.Fatal(err)
		}
	}
	text := func(id, body string, seconds int) chat.Incoming {
		return chat.Incoming{Provider: "twilio", Account: line.Account, ID: id, From: "+14155550123", To: line.Number, Text: body, At: noon.Add(time.Duration(seconds) * time.Second)}
	}
	five := text("MM5", "", 5)
	place := strings.TrimSuffix(requests()[2], ".json?PageSize=100")
	five.Media = []chat.Media{{Type: "image/png", URL: c.URL + place + "/ME1"}, {Type: "audio/amr", URL: c.URL + place + "/ME2"}}
	want := []chat.Incoming{text("SM2", "SM2", 3), text("SM3", "SM3", 3), text("SM4", "nul \ufffd", 4), five}
	for i := range got {
		got[i].At = got[i].At.UTC()
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if first := requests()[0]; !strings.Contains(first, "DateSent%3E=2026-11-22") || !strings.Contains(first, "To=%2B14155550100") {
		t.Errorf("requested %s", first)
	}
	if place != inAccount+"/Messages/MM5/Media" {
		t.Errorf("requested files at %s", place)
	}
}

// Dates in queries are in GMT, in whatever zone the server is.
func TestReceivedDatesAreGMT(t *testing.T) {
	t.Parallel()
	c, requests := pages(t, rows{})
	tokyo := time.FixedZone("", 9*3600)
	if _, err := c.Received(t.Context(), line, time.Date(2026, 11, 23, 8, 59, 59, 0, tokyo)); err != nil || !strings.Contains(requests()[0], "2026-11-22") {
		t.Errorf("requested %s, %v", requests(), err)
	}
}

// Files that Twilio counts but does not list are shown as missing.
func TestFilesMissing(t *testing.T) {
	t.Parallel()
	alone := map[string]any{"messages": rows{in("MM1", 1, "num_media", "2")}}
	for name, files := range map[string]any{"none listed": map[string]any{"media_list": []any{}}, "another shape": map[string]any{}} {
		c, _ := pages(t, alone, files)
		got, err := c.Received(t.Context(), line, noon)
		if err != nil || len(got) != 1 {
			t.Fatalf("%s: got %+v, %v", name, got, err)
		}
		media, err := c.Files(t.Context(), line, got[0])
		if err != nil || !reflect.DeepEqual(media, []chat.Media{{}, {}}) {
			t.Fatalf("%s: got %+v, %v", name, media, err)
		}
		_, err = c.Fetch(t.Context(), line, media[0])
		if e := sendError(t, err); e.Outcome != chat.Rejected || e.Problem.Code != "media_gone" {
			t.Errorf("%s: got %+v", name, e)
		}
	}
	c, _ := pages(t, alone, "rubbish")
	got, err := c.Received(t.Context(), line, noon)
	if err != nil {
		t.Fatal(err)
	}
	if media, err := c.Files(t.Context(), line, got[0]); err == nil {
		t.Errorf("Files returned no error, but %+v", media)
	}
}
