package twilio_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"sidetext/pretend/twilio"
	"sidetext/pretend/wire"
)

// TestLogUnderLoad: tests for lost and duplicate texts rely on the log, so it must be
// correct under load and faults.
func TestLogUnderLoad(t *testing.T) {
	t.Parallel()
	s := play(t)
	s.Faults.Seed(11)
	s.Faults.Add(wire.Fault{Share: 0.2, Act: wire.Answer, Status: 503}, wire.Fault{Share: 0.2, Act: wire.AnswerAfter, Status: 500})
	var accepted, refused, delivered atomic.Int64
	var busy sync.WaitGroup
	for range 8 {
		busy.Go(func() {
			for range 25 {
				switch status, _ := s.send("StatusCallback", s.hook); status {
				case 201, 500:
					accepted.Add(1)
				case 503:
					refused.Add(1)
				}
				_, calls, err := s.Deliver(t.Context(), twilio.Inbound{From: jane, To: store, Body: "x", Copies: 2})
				if err == nil {
					delivered.Add(int64(len(calls)))
				}
			}
		})
	}
	busy.Wait()
	if n := int64(len(s.Accepted())); n != accepted.Load() || n+refused.Load() != 200 || refused.Load() == 0 {
		t.Errorf("accepted %d; the log has %d; refused %d", accepted.Load(), n, refused.Load())
	}
	s.until(func() bool { return int64(len(s.Calls())) == 3*accepted.Load()+delivered.Load() })
	if n := int64(len(s.requests())); n != int64(len(s.Calls())) {
		t.Errorf("%d calls, %d requests", len(s.Calls()), n)
	}
}

func BenchmarkSend(b *testing.B) {
	t := twilio.New(twilio.Account{SID: account, Token: token, MaxMessages: b.N + 1, Numbers: []twilio.Number{{Phone: store}}})
	defer t.Close()
	server := httptest.NewServer(t)
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	defer client.CloseIdleConnections()
	form := url.Values{"To": {jane}, "From": {store}, "Body": {"Hello"}}.Encode()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r, _ := http.NewRequest("POST", server.URL+"/2010-04-01/Accounts/"+account+"/Messages.json", strings.NewReader(form))
			r.SetBasicAuth(account, token)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			resp, err := client.Do(r)
			if err != nil || resp.StatusCode != 201 {
				b.Fatal(resp, err)
			}
			_ = resp.Body.Close()
		}
	})
}
