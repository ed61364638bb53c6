package twilio

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// A CallKind says why Twilio called.
type CallKind string

// The kinds of calls.
const (
	InboundCall  CallKind = "inbound"
	FallbackCall CallKind = "fallback"
	StatusCall   CallKind = "status"
)

// A Call is one attempt to call a webhook and what it answered.
type Call struct {
	Kind    CallKind
	SID     string     // of the message
	Form    url.Values // what was posted
	URL     string     // as requested
	Attempt int        // 1, 2 …
	Status  int        // of the answer; 0 when there was none
	Type    string     // its Content-Type
	Body    string     // its body, up to 64 kB
	Failure string     // "ct", "rt", "4xx", "5xx", an error's number such as "12100", or empty
	At      time.Time
	Took    time.Duration
}

// Calls returns the newest calls of webhooks, at least 20,000, in the order of
// being finished.
func (t *Twilio) Calls() []Call { return t.calls.All() }

// A webhook is a call to be made.
type webhook struct {
	kind    CallKind
	sid     string
	address string // with its overrides
	method  string // POST when empty
	form    url.Values
	key     string // signs instead of the Auth Token, unless empty
}

// maxAnswer is how much TwiML may be (error 11750).
const maxAnswer = 64 << 10

func newClient() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 256, IdleConnTimeout: 5 * time.Second},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// call makes a call, and makes it again as its overrides say. It returns the
// last attempt.
func (t *Twilio) call(ctx context.Context, h webhook) Call {
	address, o := parse(h.address)
	ctx, cancel := context.WithTimeout(ctx, o.total)
	defer cancel()
	token := newSID("") // the same for all attempts
	for attempt := 1; ; attempt++ {
		c := Call{Kind: h.kind, SID: h.sid, Form: h.form, URL: address, Attempt: attempt, At: time.Now()}
		t.attempt(ctx, &c, h, o, token)
		c.Took = time.Since(c.At)
		t.calls.Add(c)
		t.Changes.Notify()
		if c.Failure == "" || attempt > o.retries || !o.again(c.Failure) || ctx.Err() != nil {
			return c
		}
	}
}

func (t *Twilio) attempt(ctx context.Context, c *Call, h webhook, o overrides, token string) {
	method, address, form := orPost(h.method), c.URL, h.form
	if method == http.MethodGet {
		address, form = withQuery(address, form), nil
	}
	for range 5 {
		next := t.request(ctx, c, method, address, form, h.key, o, token)
		if next == "" {
			return
		}
		// A redirect is followed with GET; the form is lost.
		method, address, form = http.MethodGet, next, nil
	}
	c.Failure = "12200"
}

// request makes one HTTP request and returns where it was redirected to.
func (t *Twilio) request(ctx context.Context, c *Call, method, address string, form url.Values, key string, o overrides, token string) string {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// The clock runs for the connection first, then for each read.
	clock := time.AfterFunc(o.connect, cancel)
	defer clock.Stop()
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true); clock.Reset(o.read) },
	})
	c.URL, c.Status, c.Type, c.Body, c.Failure = address, 0, "", "", ""
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		c.Failure = "11100"
		return ""
	}
	req.Header.Set("User-Agent", "TwilioProxy/1.1")
	signature, settings := t.sign(key, address, form)
	req.Header.Set("X-Twilio-Signature", signature)
	if settings != "" {
		req.Header.Set("X-Twilio-Webhooks-Signature-Settings", settings)
	}
	req.Header.Set("I-Twilio-Idempotency-Token", token)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	}
	resp, err := t.client.Do(req)
	if err == nil {
		defer func() { _ = resp.Body.Close() }()
		var body []byte
		clock.Reset(o.read)
		body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
		c.Status, c.Type, c.Body = resp.StatusCode, resp.Header.Get("Content-Type"), string(body)
	}
	switch {
	case err != nil && !connected.Load():
		c.Failure = "ct"
	case err != nil:
		c.Failure = "rt"
	case c.Status >= 500:
		c.Failure = "5xx"
	case c.Status >= 400:
		c.Failure = "4xx"
	case len(c.Body) > maxAnswer:
		c.Failure = "11750"
	case c.Status >= 300:
		if next, err := resp.Location(); err == nil {
			return next.String()
		} else if errors.Is(err, http.ErrNoLocation) {
			c.Failure = "11200"
		}
	}
	return ""
}

// sign signs a request with the shared key, if a webhook rule names one, or else
// with the Auth Token. An instead that is not empty takes the place of either.
func (t *Twilio) sign(instead, address string, form url.Values) (signature, settings string) {
	t.mu.Lock()
	token, shared := t.account.Token, t.shared
	t.mu.Unlock()
	if instead != "" {
		token, shared.Secret = instead, instead
	}
	if shared.ID != "" {
		return shared.Sign(address, form)
	}
	return Sign(token, address, form), ""
}

func withQuery(address string, form url.Values) string {
	if strings.Contains(address, "?") {
		return address + "&" + form.Encode()
	}
	return address + "?" + form.Encode()
}
