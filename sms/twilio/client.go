package twilio

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
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

	answerSize = 1 << 20  // bytes
	pageSize   = 24 << 20 // of a list: a thousand texts, each character of which may be escaped twice over
)

// A Client sends texts and looks after numbers by Twilio's REST API. It may be
// used by several goroutines at once.
type Client struct {
	URL      string // https://api.twilio.com
	Services string // https://messaging.twilio.com

	http   *http.Client
	files  *http.Client // fetches what shoppers sent, see fetch
	played string       // the address of whoever plays Twilio, or empty
	doors  map[string]bool
}

// New makes a client of Twilio itself or, when address is not empty, of
// somebody who plays Twilio there: both of its APIs.
func New(address string) *Client {
	c := &Client{URL: "https://api.twilio.com", Services: "https://messaging.twilio.com"}
	if address != "" {
		c.URL = strings.TrimRight(address, "/")
		c.Services, c.played, c.doors = c.URL, c.URL, doorsOf(c.URL)
	}
	c.http = newHTTP((&net.Dialer{Timeout: toDial}).DialContext)
	c.files = newHTTP(guarded(c.doors, nil))
	return c
}

func newHTTP(dial func(ctx context.Context, network, address string) (net.Conn, error)) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                  nil, // an environment must not decide who sees a shop's token
			DialContext:            dial,
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
}

// Close lets go of idle connections.
func (c *Client) Close() {
	c.http.CloseIdleConnections()
	c.files.CloseIdleConnections()
}

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
	after  time.Duration // what Retry-After says, or 0
}

func (f fault) Error() string { return fmt.Sprintf("twilio: http %d, code %d", f.status, f.Code) }

// faultOf reads an answer that is not a 2xx. It may be from a gateway that never
// heard of Twilio's codes: then there is none.
func faultOf(resp *http.Response) fault {
	f := fault{status: resp.StatusCode, after: after(resp.Header.Get("Retry-After"))}
	_ = answer(resp.Body, &f)
	return f
}

// longest is how long we let ourselves be told to wait.
const longest = time.Hour

// after reads Retry-After: seconds, or a date. 0 is no advice.
func after(header string) time.Duration {
	if n, err := strconv.Atoi(header); err == nil {
		return time.Duration(min(max(n, 0), int(longest/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return min(max(time.Until(at), 0), longest)
	}
	return 0
}

var (
	errSetup     = errors.New("twilio: the address in the settings is not valid")
	errUnreached = errors.New("twilio: no answer")
	errRubbish   = errors.New("twilio: read answer: it is no HTTP")
	errLong      = errors.New("twilio: read answer: it does not end")
)

// exchange makes a request that may be repeated, and reads the answer, of size
// bytes at most, into into. The error is a fault when Twilio said no.
func (c *Client) exchange(ctx context.Context, line chat.Line, address string, form url.Values, size int64, into any) error {
	ctx, cancel := context.WithTimeout(ctx, total)
	defer cancel()
	req, err := request(ctx, line, address, form)
	if err != nil {
		return errSetup
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("%w: %w", errUnreached, withoutAddress(err))
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return faultOf(resp)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, size+1))
	switch {
	case err != nil:
		return fmt.Errorf("twilio: read answer: %w", err)
	case int64(len(data)) > size:
		return errLong
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("twilio: read answer: %w", err)
	}
	return nil
}

// withoutAddress keeps the address out of an error of net/http: it holds phone
// numbers when a list is asked for, and leave to fetch a file. And it keeps out
// what was answered, which net/http quotes where it is no HTTP.
func withoutAddress(err error) error {
	if u := new(url.Error); errors.As(err, &u) {
		err = u.Err
	}
	if strings.Contains(err.Error(), "malformed") {
		return errRubbish
	}
	return err
}

// answer reads the value that a body begins with, and so much of the rest that
// a connection to a sane server can be used again. Whatever goes wrong behind
// the value comes after the answer and changes nothing.
func answer(body io.Reader, into any) error {
	data, err := io.ReadAll(io.LimitReader(body, answerSize))
	if wrong := json.NewDecoder(bytes.NewReader(data)).Decode(into); wrong != nil {
		return fmt.Errorf("twilio: read answer: %w", cmp.Or(err, wrong))
	}
	return nil
}
