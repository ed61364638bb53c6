package twilio

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"sync"
	"time"

	"sidetext/pretend/wire"
)

// An Inbound is a text from a shopper and the problems of its delivery.
type Inbound struct {
	From, To, Body string
	Media          []Media
	SID            string        // deliver this earlier text again; empty: a new text
	At             time.Time     // of a new text; zero: now
	Copies         int           // number of concurrent deliveries; 0: one
	Late           time.Duration // delay of the webhook; the text is in the log at once
	Missed         bool          // no webhook; the text is in the log
	Forged         bool          // signed with a wrong key
	Extra          url.Values    // additional undocumented fields
}

// Text sends a text from a shopper and returns the message's SID, or "" if there is no
// such number or the log is full. The webhook is called in the background: see Calls.
func (t *Twilio) Text(from, to, body string, media ...Media) string {
	m, number, word, err := t.receive(Inbound{From: from, To: to, Body: body, Media: media})
	if err != nil {
		return ""
	}
	t.delivering.Add(1)
	t.workers.Go(func(ctx context.Context) {
		defer t.delivering.Add(-1)
		t.deliver(ctx, Inbound{Copies: 1}, m, number, word)
	})
	return m.SID
}

// Delivering returns how many texts of Text are in delivery.
func (t *Twilio) Delivering() int { return int(t.delivering.Load()) }

// Deliver sends a text from a shopper and waits until the webhook was called. It returns
// the SID and the last attempt of each copy, or no attempts without a webhook's URL.
func (t *Twilio) Deliver(ctx context.Context, in Inbound) (string, []Call, error) {
	m, number, word, err := t.receive(in)
	if err != nil {
		return "", nil, err
	}
	if in.Missed || !wire.Sleep(ctx, in.Late) {
		return m.SID, nil, nil
	}
	in.Copies = max(in.Copies, 1)
	return m.SID, t.deliver(ctx, in, m, number, word), nil
}

// receive adds a text to the phone and the log, and applies the carrier's keywords.
func (t *Twilio) receive(in Inbound) (*Message, Number, string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := t.number(in.To)
	if n == nil {
		return nil, Number{}, "", fmt.Errorf("twilio: %q is not a number of the account", in.To)
	}
	if in.SID != "" {
		m := t.bySID[in.SID]
		if m == nil {
			return nil, Number{}, "", fmt.Errorf("twilio: no such message %q", in.SID)
		}
		return m, *n, keywordClass(m.Body), nil
	}
	if len(in.Media) > 10 {
		return nil, Number{}, "", errors.New("twilio: more than ten files")
	}
	if len(t.messages) >= t.account.MaxMessages {
		return nil, Number{}, "", errors.New("twilio: the log is full")
	}
	at := in.At
	if at.IsZero() {
		at = time.Now()
	}
	m := &Message{
		SID: newSID("SM"), From: in.From, To: in.To, Body: in.Body,
		Direction: "inbound", Status: "received", Created: at, Sent: at,
	}
	if len(in.Media) > 0 {
		m.SID = newSID("MM")
	}
	m.Media = t.hostMedia(m.SID, in.Media)
	t.addLine(in.From, Line{Way: "in", By: "shopper", Peer: in.To, Text: in.Body, Media: m.Media, Status: "sent", SID: m.SID})
	word := t.applyKeyword(n, in.From, in.Body)
	if p := t.pool(n.Pool); p != nil && !p.UseNumber && p.InboundURL == "" {
		return m, *n, word, nil // dropped, and not in the log
	}
	t.addToLog(m)
	return m, *n, word, nil
}

// deliver calls the webhook, and its fallback if that fails.
func (t *Twilio) deliver(ctx context.Context, in Inbound, m *Message, n Number, word string) []Call {
	h := webhook{kind: InboundCall, sid: m.SID, address: n.SmsURL, method: n.SmsMethod, form: t.form(m, n, word)}
	fallback := n.SmsFallbackURL
	if n.AppSID != "" { // the application's URLs apply, and applications are not simulated
		h.address, fallback = "", ""
	}
	t.mu.Lock()
	if p := t.pool(n.Pool); p != nil && !p.UseNumber {
		h.address, h.method, fallback = p.InboundURL, "", p.FallbackURL
	}
	t.mu.Unlock()
	if h.address == "" {
		return nil
	}
	if in.Forged {
		h.key = "not the token of the account"
	}
	for name, values := range in.Extra {
		h.form[name] = values
	}
	last := make([]Call, in.Copies)
	var copies sync.WaitGroup
	for i := range last {
		copies.Go(func() { last[i] = t.deliverOnce(ctx, h, fallback, n) })
	}
	copies.Wait()
	return last
}

func (t *Twilio) deliverOnce(ctx context.Context, h webhook, fallback string, n Number) Call {
	c := t.call(ctx, h)
	replies, failure := t.parseAnswer(&c)
	if failure != "" && fallback != "" {
		h.form = clone(h.form)
		h.form.Set("ErrorCode", "11200")
		h.form.Set("ErrorUrl", c.URL)
		h.kind, h.address, h.method = FallbackCall, fallback, n.SmsFallbackMethod
		c = t.call(ctx, h)
		replies, _ = t.parseAnswer(&c)
	}
	t.reply(h.form.Get("To"), h.form.Get("From"), replies)
	return c
}

// parseAnswer parses the response of a successful request.
func (t *Twilio) parseAnswer(c *Call) ([]twimlMessage, string) {
	if c.Failure != "" {
		return nil, c.Failure
	}
	replies, failure := parseTwiML(c.Type, c.Body)
	c.Failure = failure
	return replies, failure
}

// form returns the webhook's parameters (twilio.com/docs/messaging/guides/webhook-request).
// Twilio derives places from area codes; they are often empty.
func (t *Twilio) form(m *Message, n Number, word string) url.Values {
	form := url.Values{
		"MessageSid": {m.SID}, "SmsSid": {m.SID}, "SmsMessageSid": {m.SID}, "AccountSid": {t.account.SID},
		"From": {m.From}, "To": {m.To}, "Body": {m.Body}, "SmsStatus": {"received"}, "ApiVersion": {"2010-04-01"},
		"NumMedia": {strconv.Itoa(len(m.Media))}, "NumSegments": {strconv.Itoa(segments(m.Body))},
		"FromCity": {""}, "FromState": {"CA"}, "FromZip": {""}, "FromCountry": {"US"},
		"ToCity": {""}, "ToState": {"CA"}, "ToZip": {""}, "ToCountry": {"US"},
	}
	for i, media := range m.Media {
		form.Set("MediaUrl"+strconv.Itoa(i), media.URL)
		form.Set("MediaContentType"+strconv.Itoa(i), media.Type)
	}
	if n.Pool != "" {
		form.Set("MessagingServiceSid", n.Pool)
	}
	if n.Keywords == Advanced && word != "" {
		form.Set("OptOutType", word)
	}
	return form
}

func clone(form url.Values) url.Values {
	out := url.Values{}
	for name, values := range form {
		out[name] = values
	}
	return out
}
