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
		return sms.Sent{}, failure("setup", err)
	}
	punctual(req)
	resp, err := c.http.Do(req)
	switch {
	case errors.Is(err, errLate):
		return sms.Sent{}, failure("late", err)
	case err != nil && wrote.Load():
		return sms.Sent{}, failure("no_answer", withoutAddress(err))
	case err != nil:
		return sms.Sent{}, failure("unreachable", withoutAddress(err))
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 == 2 {
		return accepted(resp.Body, line, out)
	}
	f := faultOf(resp)
	if e, ok := refusal(f); ok {
		return sms.Sent{}, e
	}
	// Twilio may have taken the text and then stumbled.
	return sms.Sent{}, failure("no_answer", f)
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
	if out.ValidityPeriod > 0 {
		form.Set("ValidityPeriod", strconv.Itoa(min(max(int(out.ValidityPeriod/time.Second), 1), 36000)))
	}
	return form
}

var (
	errNoID    = errors.New("twilio: read answer: no sid")
	errMixedUp = errors.New("twilio: read answer: it is about another text")
	errFailed  = errors.New("twilio: taken, and failed at once")
)

// accepted reads the answer of a Twilio that took the text. Only the id is
// needed, and that nothing shows it to be another text's: else that text's
// reports would become this one's. Whatever is odd about the rest must not make
// us doubt.
func accepted(body io.Reader, line chat.Line, out chat.Outgoing) (sms.Sent, error) {
	var m record
	if err := answer(body, &m); m.SID == "" {
		return sms.Sent{}, failure("unreadable", cmp.Or(err, errNoID))
	}
	if m.Account != "" && m.Account != line.Account || m.To != "" && m.To.Canonical() != out.To.Canonical() || m.Body != "" && !alike(m.Body, out.Text) {
		return sms.Sent{}, failure("mixed_up", errMixedUp)
	}
	report := m.report()
	if report.State == chat.Failed {
		return sms.Sent{ID: m.SID}, failure(report.Problem.Code, errFailed)
	}
	return sms.Sent{ID: m.SID, State: report.State, Segments: m.Segments.int()}, nil
}

// alike reports whether Twilio's copy of a text can be of ours: a service may
// write typographic characters in plainer ones, and trial accounts have words
// put before the text.
func alike(copied, text string) bool {
	letters := func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}
	return strings.Contains(strings.Map(letters, copied), strings.Map(letters, text))
}
