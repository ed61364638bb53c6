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

// Time limits. requestTimeout is for a whole request: the sum of the three that follow.
const (
	requestTimeout   = 15 * time.Second
	dialTimeout      = 2 * time.Second
	handshakeTimeout = 3 * time.Second
	headerTimeout    = 10 * time.Second
	// Shorter than Twilio keeps an idle connection, so that few requests meet one that
	// is just being closed: their outcome would be unknown.
	idleTimeout = 10 * time.Second

	maxAnswer = 1 << 20  // bytes
	maxPage   = 24 << 20 // bytes of a list: a thousand texts in which each character may be escaped twice
)

// A Client sends texts and configures numbers by Twilio's REST API. It may be used by
// several goroutines at once.
type Client struct {
	URL      string // https://api.twilio.com
	Services string // https://messaging.twilio.com

	http            *http.Client
	files           *http.Client // fetches pictures and files, see Fetch
	baseURLOverride string       // in place of both APIs, or empty
	overrideHosts   map[string]bool
}

// New returns a client of Twilio or, if baseURL is not empty, of a server there that
// offers both of Twilio's APIs.
func New(baseURL string) *Client {
	c := &Client{URL: "https://api.twilio.com", Services: "https://messaging.twilio.com"}
	if baseURL != "" {
		c.URL = strings.TrimRight(baseURL, "/")
		c.Services, c.baseURLOverride, c.overrideHosts = c.URL, c.URL, hostsOf(c.URL)
	}
	c.http = newHTTP((&net.Dialer{Timeout: dialTimeout}).DialContext)
	c.files = newHTTP(publicDialer(c.overrideHosts, nil))
	return c
}

func newHTTP(dial func(ctx context.Context, network, address string) (net.Conn, error)) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                  nil, // the environment must not send a shop's token through a proxy
			DialContext:            dial,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    handshakeTimeout,
			ResponseHeaderTimeout:  headerTimeout,
			IdleConnTimeout:        idleTimeout,
			MaxIdleConnsPerHost:    8,
			MaxResponseHeaderBytes: 64 << 10,
		},
		// To follow a 307 or 308 would send the text again.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Close closes idle connections.
func (c *Client) Close() {
	c.http.CloseIdleConnections()
	c.files.CloseIdleConnections()
}

// accountURL returns the URL of a resource of the line's account.
func (c *Client) accountURL(line chat.Line, resource string) string {
	return c.URL + "/2010-04-01/Accounts/" + url.PathEscape(line.Account) + resource
}

// newRequest returns a request with the line's credentials; with a form it is a POST.
// It has no Idempotency-Key: Twilio would ignore it, and with one net/http may send the
// same text twice.
func newRequest(ctx context.Context, line chat.Line, address string, form url.Values) (*http.Request, error) {
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

// An apiError is an error answer of Twilio. It leaves out Twilio's message, which has
// phone numbers in it and may change.
type apiError struct {
	Code       int `json:"code"`
	status     int
	retryAfter time.Duration // from Retry-After, or 0
}

func (e apiError) Error() string { return fmt.Sprintf("twilio: http %d, code %d", e.status, e.Code) }

// readAPIError reads an answer that is not a 2xx. If it is a gateway's, it has no code.
func readAPIError(resp *http.Response) apiError {
	f := apiError{status: resp.StatusCode, retryAfter: parseRetryAfter(resp.Header.Get("Retry-After"))}
	_ = decodeAnswer(resp.Body, &f)
	return f
}

// maxRetryAfter limits what Retry-After may ask for.
const maxRetryAfter = time.Hour

// parseRetryAfter reads a Retry-After header: seconds, or a date. It returns 0 if there
// is none.
func parseRetryAfter(header string) time.Duration {
	if n, err := strconv.Atoi(header); err == nil {
		return time.Duration(min(max(n, 0), int(maxRetryAfter/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return min(max(time.Until(at), 0), maxRetryAfter)
	}
	return 0
}

var (
	errBaseURL     = errors.New("twilio: the base URL in the settings is not valid")
	errUnreachable = errors.New("twilio: no answer")
	errNotHTTP     = errors.New("twilio: read answer: not HTTP")
	errTooLong     = errors.New("twilio: read answer: too long")
)

// do makes a request that may be repeated, and decodes the answer, of maxSize bytes at
// most, into into. The error is an apiError if the answer is not a 2xx.
func (c *Client) do(ctx context.Context, line chat.Line, address string, form url.Values, maxSize int64, into any) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	req, err := newRequest(ctx, line, address, form)
	if err != nil {
		return errBaseURL
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("%w: %w", errUnreachable, redactURL(err))
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return readAPIError(resp)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxSize+1))
	switch {
	case err != nil:
		return fmt.Errorf("twilio: read answer: %w", err)
	case int64(len(data)) > maxSize:
		return errTooLong
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("twilio: read answer: %w", err)
	}
	return nil
}

// redactURL removes the URL from an error of net/http. The URL of a list has phone
// numbers in it, and with that of a stored file anyone could fetch the file. It also
// removes the answer, which net/http quotes if it is not HTTP.
func redactURL(err error) error {
	if u := new(url.Error); errors.As(err, &u) {
		err = u.Err
	}
	if strings.Contains(err.Error(), "malformed") {
		return errNotHTTP
	}
	return err
}

// decodeAnswer decodes the value that a body begins with, and reads enough of the rest
// for the connection to be used again. Errors after the value are ignored.
func decodeAnswer(body io.Reader, into any) error {
	data, err := io.ReadAll(io.LimitReader(body, maxAnswer))
	if decodeErr := json.NewDecoder(bytes.NewReader(data)).Decode(into); decodeErr != nil {
		return fmt.Errorf("twilio: read answer: %w", cmp.Or(err, decodeErr))
	}
	return nil
}
