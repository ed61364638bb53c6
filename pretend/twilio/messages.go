package twilio

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// magic are the numbers of sms.md 8 (twilio.com/docs/iam/test-credentials): the
// code that a message from or to them is refused with; 0 is none.
var magicFrom = map[string]int{
	"+15005550001": 21212, "+15005550006": 0, "+15005550007": 21606, "+15005550008": 21611,
}

var magicTo = map[string]int{
	"+15005550001": 21211, "+15005550002": 21612, "+15005550003": 21408,
	"+15005550004": 21610, "+15005550009": 21614,
}

var messagesOf = map[int]string{
	21211: "Invalid 'To' Phone Number",
	21212: "Invalid 'From' Phone Number",
	21408: "Permission to send an SMS has not been enabled for the region indicated by the 'To' number",
	21602: "Message body is required.",
	21603: "A 'From' phone number is required.",
	21604: "A 'To' phone number is required.",
	21606: "The 'From' phone number provided is not a valid message-capable Twilio phone number for this destination/account",
	21609: "The 'StatusCallback' URL is not a valid URL.",
	21610: "Attempt to send to unsubscribed recipient",
	21611: "This 'From' number has exceeded the maximum number of queued messages",
	21612: "Message cannot be sent with the current combination of 'To' and/or 'From' parameters",
	21614: "'To' number is not a valid mobile number",
	21617: "The concatenated message body exceeds the 1600 character limit.",
	21620: "Invalid media URL(s)",
	21623: "Number of media files exceeds allowed limit",
	21705: "The Messaging Service SID is invalid",
}

func bad(code int) *refusal {
	return &refusal{http.StatusBadRequest, code, messagesOf[code]}
}

// postMessage takes a text to send. What becomes of it, and who hears of it,
// is its Course.
func (t *Twilio) postMessage(r *http.Request) (int, any, *refusal) {
	m, no := t.accept(r.PostForm)
	if no != nil {
		return 0, nil, no
	}
	t.mu.Lock()
	shown := t.show(m)
	course := t.take(m)
	t.mu.Unlock()
	switch {
	case magicSender(m.From): // test credentials deliver nothing and report nothing
	case course.Early:
		t.follow(r.Context(), m, course)
	default:
		t.crew.Go(func(ctx context.Context) { t.follow(ctx, m, course) })
	}
	return http.StatusCreated, shown, nil
}

// accept checks a message and logs it, in one step.
func (t *Twilio) accept(form url.Values) (*Message, *refusal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	m := &Message{
		SID: newSID("SM"), To: form.Get("To"), From: form.Get("From"), Pool: form.Get("MessagingServiceSid"),
		Body: form.Get("Body"), Callback: form.Get("StatusCallback"),
		Direction: "outbound-api", Status: "queued", Created: time.Now(),
	}
	for _, address := range form["MediaUrl"] {
		m.Media = append(m.Media, Media{URL: address})
	}
	if len(m.Media) > 0 {
		m.SID = newSID("MM")
	}
	if code := t.wrong(m); code != 0 {
		return nil, bad(code)
	}
	if m.Pool == "" && t.blocked[pair{m.From, m.To}] {
		return nil, bad(21610)
	}
	if !t.keep(m) {
		return nil, bad(21611)
	}
	return m, nil
}

// wrong returns the code of what is wrong with a message, or 0. It chooses the
// sender of a message that leaves that to its service.
func (t *Twilio) wrong(m *Message) int {
	switch {
	case m.To == "":
		return 21604
	case m.From == "" && m.Pool == "":
		return 21603
	case m.Body == "" && len(m.Media) == 0:
		return 21602
	case tooLong(m.Body):
		return 21617
	case len(m.Media) > 10:
		return 21623
	case slices.ContainsFunc(m.Media, func(m Media) bool { return !isAddress(m.URL) }):
		return 21620
	case m.Callback != "" && !isAddress(m.Callback):
		return 21609
	}
	if code := t.wrongSender(m); code != 0 {
		return code
	}
	if code := magicTo[m.To]; code != 0 {
		return code
	}
	if !isPhone(m.To) {
		return 21211
	}
	return 0
}

func (t *Twilio) wrongSender(m *Message) int {
	if m.Pool != "" {
		i := slices.IndexFunc(t.numbers, func(n *Number) bool {
			return n.Pool == m.Pool && (m.From == "" || m.From == n.Phone)
		})
		if i < 0 {
			return 21705
		}
		m.From, m.Status = t.numbers[i].Phone, "accepted"
		if p := t.pool(m.Pool); p != nil && m.Callback == "" {
			m.Callback = p.StatusCallback
		}
		return 0
	}
	if code, ok := magicFrom[m.From]; ok || t.number(m.From) != nil {
		return code
	}
	return 21606
}

func magicSender(phone string) bool {
	_, ok := magicFrom[phone]
	return ok
}

func isAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && !strings.Contains(u.Hostname(), "_")
}

func (t *Twilio) getMessage(r *http.Request) (int, any, *refusal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	m := t.bySID[file(r)]
	if m == nil {
		return 0, nil, notFound(r)
	}
	return http.StatusOK, t.show(m), nil
}

// listMessages answers GET Messages.json with To, From and DateSent, newest
// first. DateSent, "DateSent>" and "DateSent<" are days in GMT; a message that
// has not been sent is on no day.
func (t *Twilio) listMessages(r *http.Request) (int, any, *refusal) {
	query := r.URL.Query()
	t.mu.Lock()
	defer t.mu.Unlock()
	var found []*Message
	for _, m := range slices.Backward(t.messages) {
		if fits(query.Get("To"), m.To) && fits(query.Get("From"), m.From) && sentWithin(query, m.Sent) {
			found = append(found, m)
		}
	}
	return http.StatusOK, page(r, "messages", found,
		func(m *Message) string { return m.SID }, func(m *Message) any { return t.show(m) }), nil
}

func fits(want, have string) bool { return want == "" || want == have }

func sentWithin(query url.Values, sent time.Time) bool {
	day := ""
	if !sent.IsZero() {
		day = sent.UTC().Format(time.DateOnly)
	}
	on := func(name string) string { // a day, or a moment of which only the day counts
		return query.Get(name)[:min(len(query.Get(name)), len(time.DateOnly))]
	}
	return (on("DateSent") == "" || day == on("DateSent")) &&
		(on("DateSent>") == "" || day >= on("DateSent>")) &&
		(on("DateSent<") == "" || day != "" && day <= on("DateSent<"))
}
