package gorgias

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

// maxResponse limits how many bytes of a response are read; a longer one fails to
// parse. A ticket contains all of its messages, so the limit is generous.
const maxResponse = 8 << 20

// A Client accesses one account as the owner of an API key. It is safe for
// concurrent use. Its methods return errors of type *Error unless documented
// otherwise.
//
// A call waits for the rate limit (Limits.Wait) and then for the response
// (Limits.Timeout), at most the sum of both with all redirects.
type Client struct {
	account  string
	username string
	sign     func(*http.Request) // a closure, so that printing a Client does not show the key
	base     string              // "https://acme.gorgias.com"
	limits   Limits
	http     *http.Client
	budget   *budget

	background bool
}

// Background returns a copy of c for background work. It leaves half of the rate
// limit to other apps, and requests through c go first.
func (c *Client) Background() *Client {
	b := *c
	b.background = true
	return &b
}

// Account returns the account's name: "acme".
func (c *Client) Account() string { return c.account }

// Username returns the e-mail address of the key's owner.
func (c *Client) Username() string { return c.username }

// Page returns the URL of a page of the helpdesk's web interface.
func (c *Client) Page(path string) string { return c.base + path }

// A request describes one API call.
type request struct {
	action string // verb and object, for errors
	method string
	path   string // below /api
	query  url.Values
	body   any // nil: none
}

// call performs r and passes the response's body to read, unless read is nil. If
// the object was merged into another one, it repeats the request for that one (see
// redirectPath). It returns the path that answered, which names the remaining
// object.
func (c *Client) call(ctx context.Context, r request, read func([]byte) error) (at string, _ error) {
	ctx, cancel := context.WithTimeout(ctx, c.limits.Wait+c.limits.Timeout)
	defer cancel()
	seen := map[string]bool{}
	for {
		e := c.send(ctx, r, read)
		if e == nil {
			return r.path, nil
		}
		seen[r.path] = true
		next, ok := c.redirectPath(r.path, e)
		if !ok || seen[next] || len(seen) > maxRedirects {
			e.Action, e.Method = r.action, r.method
			return r.path, e
		}
		r.path = next
	}
}

// send sends one request without following redirects.
func (c *Client) send(ctx context.Context, r request, read func([]byte) error) *Error {
	begun, e := c.budget.acquire(ctx, c.background)
	if e != nil {
		return e
	}
	ctx, cancel := context.WithTimeout(ctx, c.limits.Timeout)
	defer cancel()
	var written atomic.Bool
	req, err := c.request(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteHeaders: func() { written.Store(true) },
	}), r)
	if err != nil {
		c.budget.observe(begun, 0, nil)
		return &Error{Cause: err}
	}
	res, err := c.http.Do(req)
	if err != nil {
		c.budget.observe(begun, 0, nil)
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // without the URL, whose query may contain an e-mail address
		}
		return &Error{Cause: err, Written: written.Load()}
	}
	defer res.Body.Close()
	e = &Error{Status: res.StatusCode, Written: true, RequestID: res.Header.Get("X-Request-Id")}
	e.RetryAfter = c.budget.observe(begun, res.StatusCode, res.Header)
	body, err := io.ReadAll(io.LimitReader(res.Body, maxResponse))
	if res.StatusCode/100 != 2 {
		e.decode(res.Header, body)
		return e
	}
	if err == nil && read != nil {
		err = read(body)
	}
	if err != nil {
		e.Message, e.Cause = "invalid response", err
		return e
	}
	return nil
}

func (c *Client) request(ctx context.Context, r request) (*http.Request, error) {
	address := c.base + "/api" + r.path
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
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "Sidetext")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

func decodeInto(v any) func([]byte) error {
	return func(body []byte) error { return json.Unmarshal(body, v) }
}

// readObject performs r and decodes the response, an object with an id. It
// returns ErrWrongObject unless the id is the requested one and all checks accept
// the object. Checks also get the path that answered.
func readObject[T any](ctx context.Context, c *Client, r request, checks ...func(v T, at string) bool) (T, error) {
	var v T
	var id ID
	at, err := c.call(ctx, r, func(body []byte) error {
		var named struct {
			ID ID `json:"id"`
		}
		if err := json.Unmarshal(body, &named); err != nil {
			return err
		}
		if named.ID == 0 {
			return errors.New("no id")
		}
		id = named.ID
		return json.Unmarshal(body, &v)
	})
	ok := err == nil
	if r.method == http.MethodGet && strings.Count(at, "/") == 2 {
		requested := objectID(at)
		ok = ok && (requested == 0 || requested == id)
	}
	for _, check := range checks {
		ok = ok && check(v, at)
	}
	if err == nil && !ok {
		err = &Error{Action: r.action, Method: r.method, Status: http.StatusOK, Written: true, Message: "invalid response", Cause: ErrWrongObject}
	}
	if err != nil {
		var none T
		return none, err
	}
	return v, nil
}

// do performs r and ignores the response's body.
func (c *Client) do(ctx context.Context, r request) error {
	_, err := c.call(ctx, r, nil)
	return err
}

// readList reads a list, at most the given number of pages of 100 objects.
func readList[T any](ctx context.Context, c *Client, doing, path string, query url.Values, pages int) ([]T, error) {
	var all []T
	q := url.Values{"limit": {"100"}}
	for name, values := range query {
		q[name] = values
	}
	for range pages {
		var page struct {
			Data []T `json:"data"`
			Meta struct {
				Next string `json:"next_cursor"`
			} `json:"meta"`
		}
		if _, err := c.call(ctx, request{doing, http.MethodGet, path, q, nil}, decodeInto(&page)); err != nil {
			return nil, err
		}
		all = append(all, page.Data...)
		if page.Meta.Next == "" || page.Meta.Next == q.Get("cursor") {
			break
		}
		q.Set("cursor", page.Meta.Next)
	}
	return all, nil
}
