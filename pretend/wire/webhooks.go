package wire

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Webhook is a message of a vendor to an address. It never changes, so that a retry
// has the payload and the address of the first attempt.
type Webhook struct {
	Subscription int64 // 0: of the vendor's own settings
	Topic        string
	Address      string
	Header       http.Header // without those of Webhooks.Sign
	Body         []byte
	At           time.Time // of the event
}

// A WebhookCall is an attempt to deliver a webhook.
type WebhookCall struct {
	Webhook
	Attempt int    // 1, 2 …
	Status  int    // of the response; 0 if there was none
	Problem string // why it failed, or empty
	Sent    time.Time
	Took    time.Duration
}

// Webhooks deliver a vendor's webhooks, each in its own goroutine: their order is not
// guaranteed. Set the exported fields before the first use.
type Webhooks struct {
	Workers *Workers
	Changes *Notifier
	Timeout time.Duration   // of an attempt
	Waits   []time.Duration // before the second attempt, the third …
	Accepts func(status int) bool
	Sign    func(h Webhook, now time.Time) http.Header // signs an attempt
	GiveUp  func(Webhook)                              // called after the last failed attempt

	client   *http.Client
	all      *Log[Webhook]
	calls    *Log[WebhookCall]
	mu       sync.Mutex
	held     bool
	from, to string
}

// Init prepares the Webhooks. A connection has to be made within connect.
func (w *Webhooks) Init(connect time.Duration) {
	w.all, w.calls = NewLog[Webhook](20_000), NewLog[WebhookCall](20_000)
	w.client = &http.Client{
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: connect}).DialContext,
			MaxIdleConnsPerHost: 64, IdleConnTimeout: 5 * time.Second,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// SetTransport replaces the network, for tests.
func (w *Webhooks) SetTransport(t http.RoundTripper) { w.client.Transport = t }

// Close closes idle connections. Close the Workers first.
func (w *Webhooks) Close() { w.client.CloseIdleConnections() }

// Hold stops, or resumes, the delivery of new webhooks. Those made meanwhile are not
// delivered later, except by Deliver.
func (w *Webhooks) Hold(held bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.held = held
}

// Rewrite sends webhooks for addresses that begin with from to the rest below to, as a
// proxy does.
func (w *Webhooks) Rewrite(from, to string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.from, w.to = from, to
}

// All returns the newest webhooks, at least 20,000, oldest first.
func (w *Webhooks) All() []Webhook { return w.all.All() }

// Calls returns the newest attempts, at least 20,000, in the order of their completion.
func (w *Webhooks) Calls() []WebhookCall { return w.calls.All() }

// Send delivers a webhook in the background, with retries. Do not call it with a lock
// held that Sign, GiveUp or other work needs.
func (w *Webhooks) Send(h Webhook) {
	w.all.Add(h)
	w.mu.Lock()
	held := w.held
	w.mu.Unlock()
	if !held {
		w.Workers.Go(func(ctx context.Context) { w.deliver(ctx, h) })
	}
}

// Deliver makes one attempt for each webhook, one after the other, and returns them.
// With webhooks from All, it delivers them again: in reverse, at another address, or
// with another time.
func (w *Webhooks) Deliver(ctx context.Context, all ...Webhook) (calls []WebhookCall) {
	for _, h := range all {
		calls = append(calls, w.attempt(ctx, h, 1))
	}
	return calls
}

func (w *Webhooks) deliver(ctx context.Context, h Webhook) {
	for attempt := 1; ; attempt++ {
		if w.attempt(ctx, h, attempt).Problem == "" {
			return
		}
		if attempt > len(w.Waits) {
			w.GiveUp(h)
			return
		}
		if !Sleep(ctx, w.Waits[attempt-1]) {
			return
		}
	}
}

func (w *Webhooks) attempt(ctx context.Context, h Webhook, attempt int) WebhookCall {
	c := WebhookCall{Webhook: h, Attempt: attempt, Sent: time.Now()}
	c.Status, c.Problem = w.post(ctx, h)
	c.Took = time.Since(c.Sent)
	w.calls.Add(c)
	w.Changes.Notify()
	return c
}

func (w *Webhooks) post(ctx context.Context, h Webhook) (status int, problem string) {
	ctx, cancel := context.WithTimeout(ctx, w.Timeout)
	defer cancel()
	w.mu.Lock()
	address := h.Address
	if rest, ok := strings.CutPrefix(address, w.from); ok {
		address = w.to + rest
	}
	w.mu.Unlock()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(h.Body))
	if err != nil {
		return 0, err.Error()
	}
	r.Header.Set("Content-Type", "application/json")
	for _, header := range []http.Header{h.Header, w.Sign(h, time.Now())} {
		for name, values := range header {
			r.Header[name] = slices.Clone(values)
		}
	}
	resp, err := w.client.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = resp.Body.Close() }()
	if _, err := io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)); err != nil {
		return resp.StatusCode, err.Error()
	}
	if !w.Accepts(resp.StatusCode) {
		return resp.StatusCode, resp.Status
	}
	return resp.StatusCode, ""
}
