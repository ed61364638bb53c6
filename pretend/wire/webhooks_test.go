package wire_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"sidetext/pretend/wire"
)

// TestWebhooksAreRewritten: a webhook for a public address arrives at a server of this
// machine, signed and with its own headers.
func TestWebhooksAreRewritten(t *testing.T) {
	t.Parallel()
	arrived := make(chan *http.Request, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusFound) // not followed
		arrived <- r
	}))
	t.Cleanup(server.Close)
	w := &wire.Webhooks{
		Workers: wire.NewWorkers(1), Changes: new(wire.Notifier), Timeout: 15 * time.Minute,
		Accepts: func(status int) bool { return status == http.StatusFound },
		Sign:    func(wire.Webhook, time.Time) http.Header { return http.Header{"X-Signature": {"signed"}} },
	}
	w.Init(15 * time.Minute)
	t.Cleanup(func() { w.Workers.Close(); w.Close() })
	w.Rewrite("https://sms.example", server.URL)
	w.Send(wire.Webhook{Address: "https://sms.example/hooks/a", Header: http.Header{"X-Topic": {"orders/create"}}, Body: []byte("{}")})
	if r := <-arrived; r.URL.Path != "/hooks/a" || r.Header.Get("X-Signature") != "signed" || r.Header.Get("X-Topic") != "orders/create" {
		t.Errorf("got %s %v", r.URL, r.Header)
	}
	if err := w.Changes.Until(t.Context(), func() bool { return len(w.Calls()) == 1 && w.Calls()[0].Problem == "" }); err != nil {
		t.Errorf("got %+v", w.Calls())
	}
}
