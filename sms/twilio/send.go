package twilio

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"sidetext/chat"
	"sidetext/sms"
)

// Send asks Twilio once to send a text, and to report on it to callback, an
// address of ours that names the attempt. Every error is a *chat.SendError and
// says what may be done next; Twilio has no idempotency key, so whatever may
// have arrived is Lost, and is resolved by evidence and never by sending again.
func (c *Client) Send(ctx context.Context, line chat.Line, out chat.Outgoing, callback string) (sms.Sent, error) {
	ctx, cancel := context.WithTimeout(ctx, total)
	defer cancel()
	var wrote atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		// net/http tries again only where nothing at all was written, so each
		// connection starts from the beginning.
		GetConn:      func(string) { wrote.Store(false) },
		WroteHeaders: func() { wrote.Store(true) },
	})
	req, err := request(ctx, line, c.account(line, "/Messages.json"), message(line, out, callback))
	if err != nil {
		return sms.Sent{}, failure(chat.Rejected, "setup", err)
	}
	resp, err := c.http.Do(req)
	switch {
	case err != nil && wrote.Load():
		return sms.Sent{}, failure(chat.Lost, "no_answer", err)
	case err != nil:
		return sms.Sent{}, failure(chat.NotSent, "unreachable", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 == 2 {
		return accepted(resp.Body)
	}
	return sms.Sent{}, refused(resp)
}

// message is the form for a text
// (twilio.com/docs/messaging/api/message-resource).
func message(line chat.Line, out chat.Outgoing, callback string) url.Values {
	form := url.Values{
		"To":   {string(out.To)},
		"From": {string(cmp.Or(out.From, line.Number))},
		"Body": {out.Text},
	}
	if service := cmp.Or(out.Service, line.Service); service != "" {
		form.Set("MessagingServiceSid", service) // From stays: it picks the one number of the pool
	}
	if callback != "" {
		form.Set("StatusCallback", callback)
	}
	if out.Lasts > 0 {
		form.Set("ValidityPeriod", strconv.Itoa(min(max(int(out.Lasts/time.Second), 1), 36000)))
	}
	return form
}

var errNoID = errors.New("twilio: read answer: no sid")

// accepted reads the answer of a Twilio that took the text. Only the id is
// needed; whatever is odd about the rest must not make us doubt.
func accepted(body io.Reader) (sms.Sent, error) {
	var said struct {
		SID      string          `json:"sid"`
		Status   string          `json:"status"`
		Segments json.RawMessage `json:"num_segments"` // a string, for Twilio
		Code     json.RawMessage `json:"error_code"`   // a number or null
	}
	if err := answer(body, &said); said.SID == "" {
		return sms.Sent{}, failure(chat.Lost, "unreadable", cmp.Or(err, errNoID))
	}
	sent := sms.Sent{ID: said.SID, State: state(said.Status)}
	if sent.State == chat.Failed {
		code := strings.Trim(string(said.Code), `"`)
		if code == "" || code == "null" {
			code = said.Status
		}
		return sms.Sent{}, failure(chat.Rejected, code, errors.New("twilio: taken, and failed at once"))
	}
	sent.Segments, _ = strconv.Atoi(strings.Trim(string(said.Segments), `"`)) // only for statistics
	return sent, nil
}

// refused says what an answer means that is not a 2xx. Only a plain refusal is
// one; behind everything else Twilio may have taken the text and then stumbled.
func refused(resp *http.Response) error {
	f := faultOf(resp)
	switch {
	case f.status == http.StatusTooManyRequests || f.Code == 20429:
		e := failure(chat.NotSent, "20429", f)
		e.After, e.All = after(resp.Header.Get("Retry-After")), true
		return e
	case f.status == http.StatusRequestTimeout || f.status < 400 || f.status >= 500:
		return failure(chat.Lost, "no_answer", f)
	case f.Code == 0:
		return failure(chat.Rejected, "refused", f)
	}
	return failure(chat.Rejected, strconv.Itoa(f.Code), f)
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

func failure(outcome chat.Outcome, code string, cause error) *chat.SendError {
	p, out := problem(code)
	return &chat.SendError{Outcome: outcome, Problem: *p, OptedOut: out, Cause: cause}
}
