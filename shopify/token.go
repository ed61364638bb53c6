package shopify

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Lifetimes of access tokens. Shopify's live for 24 hours and are not renewed: another
// one is requested (shopify.dev, "Client credentials grant").
const (
	defaultTokenLife = time.Hour   // of one whose lifetime Shopify did not say
	renewalRetry     = time.Minute // after a failed renewal, while the old token is still valid
)

// errCaller is in the chain of errors about a context that the caller ended.
var errCaller = errors.New("request ended by the caller")

// A token is an access token in memory, requested when it is needed: once at a time,
// however many requests need it.
type token struct {
	mu        sync.Mutex
	value     string
	renewAt   time.Time // at 80 % of its lifetime
	expiresAt time.Time
	flight    *flight // the request for a new one, if there is one
}

// A flight is a request for an access token that others wait for.
type flight struct {
	done  chan struct{}
	err   *Error
	ended bool // the caller that made the request ended it: the next one has to make its own
}

// get returns a valid access token, requesting one with request if necessary. While the
// old token is valid, one caller renews it and the others use it; and if the renewal
// fails, all do.
func (t *token) get(ctx context.Context, request func(context.Context) (string, time.Duration, *Error)) (string, *Error) {
	for {
		t.mu.Lock()
		now := time.Now()
		valid := t.value != "" && now.Before(t.expiresAt)
		if valid && (now.Before(t.renewAt) || t.flight != nil) {
			defer t.mu.Unlock()
			return t.value, nil
		}
		if f := t.flight; f != nil {
			t.mu.Unlock()
			select {
			case <-f.done:
			case <-ctx.Done():
				return "", &Error{Grant: true, Cause: errors.Join(errCaller, ctx.Err())}
			}
			if f.err != nil && !f.ended {
				copied := *f.err // the caller adds to it
				return "", &copied
			}
			continue
		}
		f := &flight{done: make(chan struct{})}
		t.flight = f
		t.mu.Unlock()

		value, life, e := request(ctx)

		t.mu.Lock()
		t.flight = nil
		if now = time.Now(); e == nil {
			t.value, t.renewAt, t.expiresAt = value, now.Add(life*4/5), now.Add(life)
		} else if valid = t.value != "" && now.Before(t.expiresAt); valid {
			value, t.renewAt = t.value, now.Add(renewalRetry)
		}
		if e != nil && !valid {
			copied := *e
			f.err, f.ended = &copied, ctx.Err() != nil
		}
		t.mu.Unlock()
		close(f.done)
		if f.err != nil {
			return "", e
		}
		return value, nil
	}
}

// discard forgets a token that was refused, unless there is a newer one.
func (t *token) discard(value string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.value == value {
		t.value = ""
	}
}

// accessToken returns the token to send with a request.
func (c *Client) accessToken(ctx context.Context) (string, *Error) {
	if c.clientID == "" {
		return c.secret(), nil
	}
	return c.access.token.get(ctx, c.requestToken)
}

// requestToken requests an access token with the app's client id and secret. It returns
// the token and its lifetime.
func (c *Client) requestToken(ctx context.Context) (string, time.Duration, *Error) {
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {c.clientID}, "client_secret": {c.secret()},
	}
	res, data, e := c.post(ctx, c.tokenURL, "application/x-www-form-urlencoded", []byte(form.Encode()), "")
	if e != nil {
		e.Grant = true
		return "", 0, e
	}
	var in struct {
		Token       string  `json:"access_token"`
		Life        float64 `json:"expires_in"` // seconds
		Error       string  `json:"error"`
		Description string  `json:"error_description"`
	}
	unreadable := json.Unmarshal(data, &in) != nil
	e = &Error{Grant: true, Status: res.StatusCode, Written: true, RequestID: requestID(res.Header)}
	switch {
	case res.StatusCode == http.StatusTooManyRequests:
		e.Code, e.RetryAfter = codeThrottled, max(parseRetryAfter(res.Header.Get("Retry-After")), minThrottle)
	case res.StatusCode/100 != 2:
		e.setCode(in.Error)
		e.setMessage(in.Description)
	case unreadable || in.Token == "" || len(in.Token) > 4096:
		e.Code, e.Cause = codeUnreadable, errUnreadable
	default:
		life := time.Duration(min(in.Life, 30*24*3600) * float64(time.Second))
		if life <= 0 {
			life = defaultTokenLife
		}
		return in.Token, life, nil
	}
	return "", 0, e
}
