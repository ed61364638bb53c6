package twilio

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"sidetext/pretend/wire"
)

// A Course is what becomes of an accepted message and how its sender hears of
// it. The zero Course delivers at once and reports in order, each state once.
type Course struct {
	Match func(Message) bool // which messages; nil: all. It must not call this Twilio
	Times int                // for so many of them; 0: until ResetCourses
	Step  time.Duration      // between two states

	End       string // "delivered" (also when empty), "undelivered", "failed", or "sent": no news after it
	ErrorCode int    // of undelivered and failed

	// How the status callbacks go. They combine.
	Never    bool          // not at all
	Early    bool          // all of them before the 201, which waits for them
	Reversed bool          // the last state first
	Doubled  bool          // each twice
	Late     time.Duration // each so long after its state; it does not hold up the next state
}

// SetCourse adds a course. A message takes the newest that matches it.
func (t *Twilio) SetCourse(course Course) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.courses = append(t.courses, &course)
}

// ResetCourses forgets all courses: messages take the zero Course again.
func (t *Twilio) ResetCourses() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.courses = nil
}

// takeCourse finds the course for a message and counts its use.
func (t *Twilio) takeCourse(m *Message) Course {
	for i := len(t.courses) - 1; i >= 0; i-- {
		course := t.courses[i]
		if course.Match != nil && !course.Match(*m) {
			continue
		}
		if course.Times > 0 {
			if course.Times--; course.Times == 0 {
				t.courses = append(t.courses[:i:i], t.courses[i+1:]...)
			}
		}
		return *course
	}
	return Course{}
}

// runCourse leads a message through its states. Of the initial one nobody is
// told (twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks).
func (t *Twilio) runCourse(ctx context.Context, m *Message, course Course) {
	states := []string{"sending", "sent", "delivered"}
	switch course.End {
	case "sent":
		states = states[:2]
	case "undelivered":
		states[2] = "undelivered"
	case "failed":
		states = []string{"failed"}
	}
	t.mu.Lock()
	if m.Pool != "" && t.blocked[pair{m.From, m.To}] { // a service finds out later
		states, course.ErrorCode = []string{"failed"}, 21610
	}
	t.mu.Unlock()
	var due []callback
	for _, state := range states {
		if !wire.Sleep(ctx, course.Step) {
			return
		}
		t.advance(m, state, course.ErrorCode)
		due = append(due, callback{t.report(m), time.Now().Add(course.Late)})
		if !course.Reversed && course.Late == 0 {
			t.sendCallbacks(ctx, m, course, due)
			due = nil
		}
	}
	if course.Reversed {
		for i, j := 0, len(due)-1; i < j; i, j = i+1, j-1 {
			due[i].form, due[j].form = due[j].form, due[i].form
		}
	}
	t.sendCallbacks(ctx, m, course, due)
}

// callback is one status callback and when it goes out.
type callback struct {
	form url.Values
	at   time.Time
}

func (t *Twilio) advance(m *Message, state string, code int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	m.Status = state
	switch state {
	case "sent":
		m.Sent = time.Now()
	case "delivered":
		t.showOnPhone(m)
	case "undelivered", "failed":
		m.ErrorCode = code
	}
	t.Changes.Notify()
}

// report is the form of a status callback about a message as it is now.
func (t *Twilio) report(m *Message) url.Values {
	t.mu.Lock()
	defer t.mu.Unlock()
	form := url.Values{
		"MessageSid": {m.SID}, "SmsSid": {m.SID}, "MessageStatus": {m.Status}, "SmsStatus": {m.Status},
		"To": {m.To}, "From": {m.From}, "AccountSid": {t.account.SID}, "ApiVersion": {"2010-04-01"},
	}
	if m.Pool != "" {
		form.Set("MessagingServiceSid", m.Pool)
	}
	if m.ErrorCode != 0 {
		form.Set("ErrorCode", strconv.Itoa(m.ErrorCode))
	}
	if m.Status == "delivered" || m.Status == "undelivered" {
		form.Set("RawDlrDoneDate", time.Now().UTC().Format("0601021504"))
	}
	return form
}

func (t *Twilio) sendCallbacks(ctx context.Context, m *Message, course Course, due []callback) {
	if m.Callback == "" || course.Never {
		return
	}
	copies := 1
	if course.Doubled {
		copies = 2
	}
	for _, n := range due {
		if !wire.Sleep(ctx, time.Until(n.at)) {
			return
		}
		for range copies {
			t.call(ctx, webhook{kind: StatusCall, sid: m.SID, address: m.Callback, form: n.form})
		}
	}
}
