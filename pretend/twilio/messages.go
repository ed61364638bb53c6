package twilio

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// postMessage accepts a message, whose Course then runs in the background.
func (t *Twilio) postMessage(r *http.Request) (int, any, *refusal) {
	m, fail := t.accept(r.PostForm)
	if fail != nil {
		return 0, nil, fail
	}
	t.mu.Lock()
	shown := t.show(m)
	course := t.takeCourse(m)
	t.mu.Unlock()
	switch {
	case magicSender(m.From): // as with test credentials: no delivery and no callbacks
	case course.Early:
		t.runCourse(r.Context(), m, course)
	default:
		t.workers.Go(func(ctx context.Context) { t.runCourse(ctx, m, course) })
	}
	return http.StatusCreated, shown, nil
}

// accept validates a message and adds it to the log.
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
	if code := t.messageError(m, form); code != 0 {
		return nil, refusalFor(code)
	}
	if form.Has("ScheduleType") || form.Has("SendAt") {
		return nil, invalid("This simulated Twilio does not support ScheduleType and SendAt")
	}
	if m.Pool == "" && t.blocked[pair{m.From, m.To}] {
		return nil, refusalFor(21610)
	}
	if !t.addToLog(m) {
		return nil, refusalFor(21611)
	}
	return m, nil
}

func (t *Twilio) getMessage(r *http.Request) (int, any, *refusal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	m := t.bySID[sidInPath(r)]
	if m == nil {
		return 0, nil, notFound(r)
	}
	return http.StatusOK, t.show(m), nil
}

// listMessages handles GET Messages.json with the filters To, From and DateSent, newest
// first. Unsent messages match no DateSent.
func (t *Twilio) listMessages(r *http.Request) (int, any, *refusal) {
	query := r.URL.Query()
	t.mu.Lock()
	defer t.mu.Unlock()
	var found []*Message
	for _, m := range slices.Backward(t.messages) {
		if matches(query.Get("To"), m.To) && matches(query.Get("From"), m.From) && matchesDate(query, "DateSent", m.Sent) {
			found = append(found, m)
		}
	}
	return page(r, "messages", found,
		func(m *Message) string { return m.SID }, func(m *Message) any { return t.show(m) })
}

func matches(want, have string) bool { return want == "" || want == have }
