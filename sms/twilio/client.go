package twilio

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"sidetext/chat"
)

// How long anything may take. The whole is more than its parts only by what an
// answer takes to read.
const (
	total        = 15 * time.Second
	toDial       = 2 * time.Second
	toShakeHands = 3 * time.Second
	toAnswer     = 10 * time.Second
	// Shorter than Twilio keeps an idle connection, so that few requests meet
	// one that is just being closed: what happened to those, nobody knows.
	idle = 10 * time.Second

	answerSize = 1 << 20 // bytes
)

// A Client sends texts and looks after numbers by Twilio's REST API. It may be
// used by several goroutines at once.
type Client struct {
	URL      string // https://api.twilio.com
	Services string // https://messaging.twilio.com

	http *http.Client
}

// New makes a client of Twilio itself or, when address is not empty, of
// somebody who plays Twilio there: both of its APIs.
func New(address string) *Client {
	c := &Client{URL: "https://api.twilio.com", Services: "https://messaging.twilio.com"}
	if address != "" {
		c.URL = strings.TrimRight(address, "/")
		c.Services = c.URL
	}
	c.http = &http.Client{
		Transport: &http.Transport{
			Proxy:                  nil, // an environment must not decide who sees a shop's token
			DialContext:            (&net.Dialer{Timeout: toDial}).DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    toShakeHands,
			ResponseHeaderTimeout:  toAnswer,
			IdleConnTimeout:        idle,
			MaxIdleConnsPerHost:    8,
			MaxResponseHeaderBytes: 64 << 10,
		},
		// A 307 or 308 would post the text again.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c
}

// Close lets go of idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// account is the address of something of the line's account.
func (c *Client) account(line chat.Line, what string) string {
	return c.URL + "/2010-04-01/Accounts/" + url.PathEscape(line.Account) + what
}

// request makes a request in the line's name; with a form it is a POST. It has
// no Idempotency-Key: Twilio would ignore it, and net/http would take it for
// leave to send the same text twice.
func request(ctx context.Context, line chat.Line, address string, form url.Values) (*http.Request, error) {
	method, body := http.MethodGet, io.Reader(nil)
	if form != nil {
		method, body = http.MethodPost, strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Accept", "application/json")
	req.SetBasicAuth(line.Account, string(line.Token))
	return req, nil
}

// A fault is Twilio's own account of an error. Its message is left out: it
// quotes phone numbers, and Twilio asks not to rely on its words.
type fault struct {
	Code   int `json:"code"`
	status int
}

func (f fault) Error() string { return fmt.Sprintf("twilio: http %d, code %d", f.status, f.Code) }

// faultOf reads an answer that is not a 2xx. It may be from a gateway that never
// heard of Twilio's codes: then there is none.
func faultOf(resp *http.Response) fault {
	f := fault{status: resp.StatusCode}
	_ = answer(resp.Body, &f)
	return f
}

// answer reads a body to its end, so that the connection can be used again.
func answer(body io.Reader, into any) error {
	data, err := io.ReadAll(io.LimitReader(body, answerSize))
	if err := json.Unmarshal(data, into); err == nil {
		return nil // whatever went wrong came after the answer
	} else if len(data) > 0 {
		return fmt.Errorf("twilio: read answer: %w", err)
	}
	return fmt.Errorf("twilio: read answer: %w", cmp.Or(err, io.ErrUnexpectedEOF))
}
