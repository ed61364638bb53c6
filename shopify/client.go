package shopify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
)

// maxResponse limits how many bytes of a response are read; a longer one is an error.
const maxResponse = 8 << 20

// A Client accesses one store with one app's credentials. It is safe for concurrent
// use. Its methods return errors of type *chat.SendError unless documented otherwise.
//
// A call waits for the rate limit (Limits.Wait), then for the response
// (Limits.Timeout), and as long again if the access token has expired.
type Client struct {
	store    string
	clientID string        // empty: the secret is an access token
	secret   func() string // a closure, so that printing a Client does not show it
	api      string        // URL of the GraphQL API
	tokenURL string
	version  string
	texts    map[string]string
	limits   Limits
	http     *http.Client
	access   *access

	background bool
}

// Background returns a copy of c for background work, which waits while less than half
// of the rate limit is available, and while requests through c wait.
func (c *Client) Background() *Client {
	b := *c
	b.background = true
	return &b
}

// Store returns the store's address: "acme.myshopify.com".
func (c *Client) Store() string { return c.store }

// An answer is a response without errors.
type answer struct {
	data    json.RawMessage
	version string // the version of the API that answered
}

// do runs an operation and decodes the data of its answer into into. It returns the
// version of the API that answered.
func (c *Client) do(ctx context.Context, o operation, variables map[string]any, into any) (version string, _ error) {
	ctx, cancel := context.WithTimeout(ctx, c.limits.Wait+2*c.limits.Timeout)
	defer cancel()
	a, e := c.run(ctx, o, variables)
	if e == nil {
		if err := json.Unmarshal(a.data, into); err != nil {
			e = &Error{Status: http.StatusOK, Answered: a.version, Written: true, Code: codeUnreadable, Cause: errUnreadable}
		}
	}
	if e != nil {
		e.Action, e.Change, e.Asked = o.action, o.change, c.version
		if e.Scope == "" {
			e.Scope = o.scope
		}
		return "", c.sendError(e)
	}
	return a.version, nil
}

// run sends an operation. If the access token is refused, it requests another one,
// where possible, and sends the operation once more.
func (c *Client) run(ctx context.Context, o operation, variables map[string]any) (answer, *Error) {
	body, err := json.Marshal(map[string]any{"query": c.texts[o.name], "variables": variables})
	if err != nil {
		return answer{}, &Error{Cause: err}
	}
	for try := 0; ; try++ {
		token, e := c.accessToken(ctx)
		if e != nil {
			return answer{}, e
		}
		a, e := c.send(ctx, o, body, token)
		if e == nil || e.Status != http.StatusUnauthorized || c.clientID == "" {
			return a, e
		}
		c.access.token.discard(token)
		if try > 0 {
			return a, e
		}
	}
}

// send sends one request.
func (c *Client) send(ctx context.Context, o operation, body []byte, token string) (answer, *Error) {
	spent, e := c.access.budget.acquire(ctx, o.name, c.background)
	if e != nil {
		return answer{}, e
	}
	res, data, e := c.post(ctx, c.api, "application/json", body, token)
	if e != nil {
		c.access.budget.observe(spent, nil, false, 0)
		return answer{}, e
	}
	var in envelope
	unreadable := unmarshal(data, &in) != nil
	a := answer{data: in.Data, version: res.Header.Get("X-Shopify-API-Version")}
	e = &Error{Status: res.StatusCode, Answered: a.version, Written: true, RequestID: requestID(res.Header)}
	failed := e.decode(in)
	throttled := e.Code == codeThrottled || res.StatusCode == http.StatusTooManyRequests
	e.RetryAfter = c.access.budget.observe(spent, in.Extensions.Cost, throttled, parseRetryAfter(res.Header.Get("Retry-After")))
	switch {
	case throttled:
		e.Code = codeThrottled
		return answer{}, e
	case res.StatusCode/100 != 2 || failed:
		return answer{}, e
	case unreadable || len(in.Data) == 0 || bytes.Equal(in.Data, []byte("null")):
		e.Code, e.Cause = codeUnreadable, errUnreadable
		return answer{}, e
	}
	return a, nil
}

// post makes one POST and reads the response's body. The error is about a request
// without a complete response.
func (c *Client) post(ctx context.Context, address, kind string, body []byte, token string) (*http.Response, []byte, *Error) {
	ctx, cancel := context.WithTimeout(ctx, c.limits.Timeout)
	defer cancel()
	var written atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		// net/http repeats a request only if nothing was written, so that each
		// connection starts anew.
		GetConn:      func(string) { written.Store(false) },
		WroteHeaders: func() { written.Store(true) },
	})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, nil, &Error{Cause: errors.New("invalid base URL")}
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "Sidetext")
	if token != "" {
		req.Header.Set("X-Shopify-Access-Token", token)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, nil, &Error{Written: written.Load(), Cause: redactURL(err)}
	}
	defer res.Body.Close()
	data, err := io.ReadAll(io.LimitReader(res.Body, maxResponse+1))
	switch {
	case res.StatusCode/100 != 2:
		return res, data, nil // the status says enough
	case err != nil:
		return nil, nil, &Error{Status: res.StatusCode, Written: true, Cause: redactURL(err)}
	case len(data) > maxResponse:
		return nil, nil, &Error{Status: res.StatusCode, Written: true, Code: codeUnreadable, Cause: errTooLong}
	}
	return res, data, nil
}

// redactURL removes the URL from an error of net/http, and the answer, which net/http
// quotes if it is not HTTP.
func redactURL(err error) error {
	if u := new(url.Error); errors.As(err, &u) {
		err = u.Err
	}
	if strings.Contains(err.Error(), "malformed") {
		return errors.New("answer is not HTTP")
	}
	return err
}

// requestID returns Shopify's id of a request, if it has the form of one.
func requestID(h http.Header) string {
	id := h.Get("X-Request-Id")
	if len(id) > 100 || strings.ContainsFunc(id, notPrintable) {
		return ""
	}
	return id
}
