package twilio

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"sidetext/chat"
	"sidetext/sms"
)

// Send makes one request to send a text and to report its states to callback, a URL of
// ours that names the attempt. Every error is a *chat.SendError that says what may be
// done next. Twilio has no idempotency keys, so a request that may have arrived is Lost:
// evidence decides what happened, and the text is not sent again.
func (c *Client) Send(ctx context.Context, line chat.Line, out chat.Outgoing, callback string) (sms.Sent, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	var wrote atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		// net/http repeats a request only if nothing was written, so that each
		// connection starts anew.
		GetConn:      func(string) { wrote.Store(false) },
		WroteHeaders: func() { wrote.Store(true) },
	})
	req, err := newRequest(ctx, line, c.accountURL(line, "/Messages.json"), messageForm(line, out, callback))
	if err != nil {
		return sms.Sent{}, newSendError("setup", err)
	}
	enforceDeadline(req)
	resp, err := c.http.Do(req)
	switch {
	case errors.Is(err, errDeadline):
		return sms.Sent{}, newSendError("late", err)
	case err != nil && wrote.Load():
		return sms.Sent{}, newSendError("no_answer", redactURL(err))
	case err != nil:
		return sms.Sent{}, newSendError("unreachable", redactURL(err))
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 == 2 {
		return readAccepted(resp.Body, line, out)
	}
	f := readAPIError(resp)
	if e, ok := refusalError(f); ok {
		return sms.Sent{}, e
	}
	// Twilio may have accepted the text before it failed.
	return sms.Sent{}, newSendError("no_answer", f)
}

// messageForm returns the form for a text
// (twilio.com/docs/messaging/api/message-resource).
func messageForm(line chat.Line, out chat.Outgoing, callback string) url.Values {
	form := url.Values{
		"To":   {string(out.To)},
		"From": {string(cmp.Or(out.From, line.Number))},
		"Body": {out.Text},
	}
	if service := cmp.Or(out.Service, line.Service); service != "" {
		form.Set("MessagingServiceSid", service) // From stays: it selects the number of the pool
	}
	if callback != "" {
		form.Set("StatusCallback", callback)
	}
	if out.ValidityPeriod > 0 {
		form.Set("ValidityPeriod", strconv.Itoa(min(max(int(out.ValidityPeriod/time.Second), 1), 36000)))
	}
	return form
}

var (
	errNoID    = errors.New("twilio: read answer: no sid")
	errMixedUp = errors.New("twilio: read answer: of another text")
	errFailed  = errors.New("twilio: accepted and failed at once")
)

// readAccepted reads a 2xx answer. It needs the id, and nothing that contradicts the
// text: else reports on another text would be taken for reports on this one. Other
// errors in the answer do not matter, because Twilio has accepted the text.
func readAccepted(body io.Reader, line chat.Line, out chat.Outgoing) (sms.Sent, error) {
	var m record
	if err := decodeAnswer(body, &m); m.SID == "" {
		return sms.Sent{}, newSendError("unreadable", cmp.Or(err, errNoID))
	}
	if m.Account != "" && m.Account != line.Account || m.To != "" && m.To.Canonical() != out.To.Canonical() || m.Body != "" && !sameText(m.Body, out.Text) {
		return sms.Sent{}, newSendError("mixed_up", errMixedUp)
	}
	report := m.report()
	if report.State == chat.Failed {
		return sms.Sent{ID: m.SID}, newSendError(report.Problem.Code, errFailed)
	}
	return sms.Sent{ID: m.SID, State: report.State, Segments: m.Segments.int()}, nil
}

// sameText reports whether Twilio's copy may be our text. A messaging service may replace
// typographic characters, and trial accounts add words in front.
func sameText(copied, text string) bool {
	letters := func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}
	return strings.Contains(strings.Map(letters, copied), strings.Map(letters, text))
}
