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

// A CallKind is the kind of a webhook's request.
type CallKind string

// The kinds of calls.
const (
	InboundCall  CallKind = "inbound"
	FallbackCall CallKind = "fallback"
	StatusCall   CallKind = "status"
)

// A Call is one request to a webhook and its response.
type Call struct {
	Kind    CallKind
	SID     string     // of the message
	Form    url.Values // the request's parameters
	URL     string     // without connection overrides
	Attempt int        // 1, 2 …
	Status  int        // of the response; 0 if there was none
	Type    string     // Content-Type of the response
	Body    string     // of the response, up to 64 kB
	Failure string     // "ct", "rt", "4xx", "5xx", an error code such as "12100", or empty
	At      time.Time
	Took    time.Duration
}

// Calls returns the newest requests to webhooks, at least 20,000, in the order of their
// completion.
func (t *Twilio) Calls() []Call { return t.calls.All() }

// A webhook is a request to make.
type webhook struct {
	kind    CallKind
	sid     string
	address string // with connection overrides
	method  string // POST when empty
	form    url.Values
	key     string // the signature's key; empty: the account's
}

// maxAnswer is the maximum size of TwiML (error 11750).
const maxAnswer = 64 << 10

func newClient() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 256, IdleConnTimeout: 5 * time.Second},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// call makes a request with the retries of its connection overrides, and returns the last
// attempt.
func (t *Twilio) call(ctx context.Context, h webhook) Call {
	address, o := parseOverrides(h.address)
	ctx, cancel := context.WithTimeout(ctx, o.total)
	defer cancel()
	token := newSID("") // the same for all attempts
	for attempt := 1; ; attempt++ {
		c := Call{Kind: h.kind, SID: h.sid, Form: h.form, URL: address, Attempt: attempt, At: time.Now()}
		t.attempt(ctx, &c, h, o, token)
		c.Took = time.Since(c.At)
		t.calls.Add(c)
		t.Changes.Notify()
		if c.Failure == "" || attempt > o.retries || !o.shouldRetry(c.Failure) || ctx.Err() != nil {
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
		// Twilio follows redirects with GET and without the form.
		method, address, form = http.MethodGet, next, nil
	}
	c.Failure = "12200"
}

// request makes one HTTP request and returns the URL that it was redirected to, or "".
func (t *Twilio) request(ctx context.Context, c *Call, method, address string, form url.Values, key string, o overrides, token string) string {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// The timer limits the connection first, then each read.
	timer := time.AfterFunc(o.connect, cancel)
	defer timer.Stop()
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true); timer.Reset(o.read) },
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
		timer.Reset(o.read)
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

// sign signs a request with the shared key of the webhook rule, else with the Auth Token.
// A non-empty key overrides both.
func (t *Twilio) sign(key, address string, form url.Values) (signature, settings string) {
	t.mu.Lock()
	token, shared := t.account.Token, t.shared
	t.mu.Unlock()
	if key != "" {
		token, shared.Secret = key, key
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
