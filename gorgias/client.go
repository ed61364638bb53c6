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

// No answer is read further, and then it is no JSON: a ticket brings all of its
// messages, so there is room for many.
const maxResponse = 8 << 20

// A Client speaks to one account as the owner of a key. It is safe for use by
// many goroutines. Every error of its methods is an *Error, or says otherwise.
//
// A call waits for its turn in the account's budget (Limits.Wait) and then for
// the answer (Limits.Timeout), never longer than both, redirects included; ctx
// may end it earlier.
type Client struct {
	account  string
	username string
	sign     func(*http.Request) // holds the key: a field would be printed with the client
	base     string              // "https://acme.gorgias.com"
	limits   Limits
	http     *http.Client
	budget   *budget

	background bool
}

// Background is the same client for work that nobody waits for: it leaves half
// of the account's budget to others, and lets through whoever uses c.
func (c *Client) Background() *Client {
	calm := *c
	calm.background = true
	return &calm
}

// Account is the name of the helpdesk: "acme".
func (c *Client) Account() string { return c.account }

// Username is the e-mail address that goes with the key.
func (c *Client) Username() string { return c.username }

// Page is the address of a page of the helpdesk for people, given its path.
func (c *Client) Page(path string) string { return c.base + path }

// A request is one call of the API.
type request struct {
	doing  string // verb and object, for errors
	method string
	path   string // below /api
	query  url.Values
	body   any // nil: none
}

// call carries out r and hands the answer to read; nil takes no answer. Where
// the object was merged into another, it carries out the same request on that
// one: see redirect. It returns the path that answered, which names the object
// that remains.
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
			e.Doing, e.Method = r.doing, r.method
			return r.path, e
		}
		r.path = next
	}
}

// once sends one request.
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
			err = u.Err // without the URL: its query may hold an address
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
		e.Message, e.Cause = "the answer can't be read", err
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

// one carries out r, whose answer is an object with an id, and about what was
// asked for. about also gets the path that answered.
func readObject[T any](ctx context.Context, c *Client, r request, about ...func(v T, at string) bool) (T, error) {
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
		asked := objectID(at)
		ok = ok && (asked == 0 || asked == id)
	}
	for _, is := range about {
		ok = ok && is(v, at)
	}
	if err == nil && !ok {
		err = &Error{Doing: r.doing, Method: r.method, Status: http.StatusOK, Written: true, Message: "the answer can't be read", Cause: ErrWrongObject}
	}
	if err != nil {
		var none T
		return none, err
	}
	return v, nil
}

// do carries out r, whose answer is not needed.
func (c *Client) do(ctx context.Context, r request) error {
	_, err := c.call(ctx, r, nil)
	return err
}

// list reads pages of a list, at most that many.
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
