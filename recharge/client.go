package recharge

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// maxResponse limits the size of a response in bytes. A page of 250 charges has about
// 1 MB.
const maxResponse = 8 << 20

// A Client accesses one store with an API token. It is safe for concurrent use. Its
// methods return errors of type *chat.SendError, whose cause is an *Error.
//
// A call waits for the rate limit, is retried where a retry can do no harm, and takes
// at most Limits.Total. If the next retry would come after the end of the context, the
// call ends at once, and the error's RetryAfter says how long to wait.
type Client struct {
	sign    func(*http.Request) // a closure, so that printing a Client does not show the token
	base    string
	limits  Limits
	http    *http.Client
	account *account

	background bool
}

// Background returns a copy of c for background work. Requests through c go first.
func (c *Client) Background() *Client {
	b := *c
	b.background = true
	return &b
}

// A request describes one API call.
type request struct {
	action string // verb and object, for errors
	method string
	path   string // "" if an id in it is not valid
	query  url.Values
	body   any    // nil: none
	scope  string // that the token needs
}

// path returns a path like "/charges/9/skip", or "" if id is not an id. An id from a
// webhook must not change the meaning of a path.
func path(kind, id string, rest ...string) string {
	if !validID(id) {
		return ""
	}
	return strings.Join(append([]string{"", kind, id}, rest...), "/")
}

// call performs r, with retries, and passes the response to read unless read is nil.
func (c *Client) call(ctx context.Context, r request, read func(response any) error) error {
	ctx, cancel := context.WithTimeout(ctx, c.limits.Total)
	defer cancel()
	var retries retries
	for {
		e := c.send(ctx, r, read)
		if e == nil {
			return nil
		}
		e.Action, e.Method, e.Scope = r.action, r.method, r.scope
		wait, again := retries.next(e)
		if wait > 0 && e.Status == http.StatusTooManyRequests {
			c.account.budget.pause(wait)
		}
		if !again {
			return e.sendError()
		}
		if !fits(ctx, time.Now(), wait) || sleep(ctx, wait) != nil {
			e.RetryAfter = wait
			return e.sendError()
		}
	}
}

// send sends one request. It does not follow redirects: the API has none.
func (c *Client) send(ctx context.Context, r request, read func(any) error) *Error {
	if r.path == "" {
		return &Error{Cause: errInvalid}
	}
	if e := c.account.budget.acquire(ctx, c.background); e != nil {
		return e
	}
	ctx, cancel := context.WithTimeout(ctx, c.limits.Timeout)
	defer cancel()
	var written atomic.Bool
	req, err := c.request(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteHeaders: func() { written.Store(true) },
	}), r)
	if err != nil {
		return &Error{Cause: errInvalid}
	}
	res, err := c.http.Do(req)
	if err != nil {
		return &Error{Cause: networkError(err), Written: written.Load()}
	}
	defer res.Body.Close()
	e := &Error{Status: res.StatusCode, Written: true, RetryAfter: parseRetryAfter(res.Header.Get("Retry-After"))}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxResponse+1))
	switch {
	case res.StatusCode/100 != 2:
		e.details = decodeDetails(body)
		return e
	case err != nil:
		e.Cause = networkError(err)
		return e
	case len(body) > maxResponse:
		e.Cause = errTooLarge
		return e
	case read == nil:
		return nil
	}
	response, err := parseJSON(body)
	if err == nil {
		err = read(response)
	}
	if err != nil {
		e.Cause = err
		return e
	}
	return nil
}

func (c *Client) request(ctx context.Context, r request) (*http.Request, error) {
	address := c.base + r.path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	var body io.Reader
	if r.body != nil {
		data, err := json.Marshal(r.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, address, body)
	if err != nil {
		return nil, err
	}
	c.sign(req)
	// Without the header, the version is a setting of the store's. Recharge's own library
	// sends another version for paths below /shop.
	req.Header.Set("X-Recharge-Version", "2021-11")
	if strings.HasPrefix(r.path, "/shop/") {
		req.Header.Set("X-Recharge-Version", "2021-01")
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "Sidetext")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// networkError returns the cause of a failed request for an Error. It drops the URL,
// whose query may contain an e-mail address, and all errors that may quote the
// response.
func networkError(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	var timeout interface{ Timeout() bool } // those of package net
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &timeout), errors.As(err, &certificate):
		return err
	}
	return errBroken
}
