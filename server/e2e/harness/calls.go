package harness

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"sidetext/pretend/twilio"
	"sidetext/store"
)

// NewClient returns a client with many idle connections and a very long time-out.
func NewClient() *http.Client {
	return &http.Client{Timeout: MaxWait, Transport: &http.Transport{MaxIdleConnsPerHost: 1024}}
}

// Deliver posts a text to a node, not through the network, and returns the status of
// the response.
func (s *System) Deliver(n *Node, client *http.Client, sid, from, body string) (int, error) {
	path := "/hooks/twilio/" + s.Line.Endpoint + "/inbound"
	form := url.Values{"MessageSid": {sid}, "AccountSid": {Account}, "From": {from}, "To": {Number}, "Body": {body}, "NumMedia": {"0"}, "SmsStatus": {"received"}}
	req, err := http.NewRequest(http.MethodPost, "http://"+n.Listen+path, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Twilio-Signature", twilio.Sign(Token, s.URL+path, form))
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}

// MustDeliver posts a text that the node has to accept.
func (s *System) MustDeliver(n *Node, sid, from, body string) {
	s.T.Helper()
	status, err := s.DeliverAgain(n, http.DefaultClient, sid, from, body)
	if err != nil || status != http.StatusOK {
		s.T.Fatalf("deliver %s: status %d: %v", body, status, err)
	}
}

// DeliverAgain is Deliver for a text that a healthy node accepts. Outside of a run
// that checks durations, it tries again after a 503, which means that the machine is
// too slow for the node's own time-outs.
func (s *System) DeliverAgain(n *Node, client *http.Client, sid, from, body string) (status int, err error) {
	for begin := time.Now(); time.Since(begin) < MaxWait; {
		status, err = s.Deliver(n, client, sid, from, body)
		if err != nil || status != http.StatusServiceUnavailable || ChecksDurations() {
			break
		}
	}
	return status, err
}

// WithStore opens the store in the test's process, for changes that need no node.
func (s *System) WithStore(do func(context.Context, *store.Store) error) {
	s.T.Helper()
	db, err := store.Open(context.Background(), s.Backend.URL, s.Key, slog.New(slog.DiscardHandler))
	Must(s.T, err)
	Must(s.T, errors.Join(do(context.Background(), db), db.Close()))
}

// Call makes a request as one of our pages does, stores cookies in browser, and
// returns the status.
func (s *System) Call(n *Node, browser http.Header, method, path, kind, body string) int {
	s.T.Helper()
	status, _ := s.request(n, browser, method, path, kind, body)
	return status
}

func (s *System) request(n *Node, browser http.Header, method, path, kind, body string) (status int, answer []byte) {
	s.T.Helper()
	req, err := http.NewRequest(method, "http://"+n.Listen+path, strings.NewReader(body))
	Must(s.T, err)
	req.Header = browser.Clone()
	req.Header.Set("Origin", s.URL)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Content-Type", kind)
	client := http.Client{Timeout: MaxWait, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	Must(s.T, err)
	defer resp.Body.Close()
	answer, err = io.ReadAll(resp.Body)
	Must(s.T, err)
	storeCookies(browser, resp.Cookies())
	return resp.StatusCode, answer
}

// storeCookies replaces the cookies in browser that are set again.
func storeCookies(browser http.Header, set []*http.Cookie) {
	var all []string
	for _, old := range (&http.Request{Header: browser}).Cookies() {
		if !slices.ContainsFunc(set, func(c *http.Cookie) bool { return c.Name == old.Name }) {
			all = append(all, old.Name+"="+old.Value)
		}
	}
	for _, c := range set {
		if c.MaxAge >= 0 && c.Value != "" {
			all = append(all, c.Name+"="+c.Value)
		}
	}
	browser.Set("Cookie", strings.Join(all, "; "))
}

// Refused lists the provider's calls that were not answered 2xx. Outside of a run that
// checks durations, calls that reached the node's own time-out do not count: the
// machine was too slow.
func (s *System) Refused() (all []string) {
	const limit = 2 * time.Second // for a webhook
	for _, call := range s.Twilio.Calls() {
		if call.Status/100 != 2 && (call.Took < limit || ChecksDurations()) {
			all = append(all, fmt.Sprintf("%s %d %s", call.URL[strings.LastIndex(call.URL, "/hooks/")+1:], call.Status, call.Failure))
		}
	}
	return all
}
