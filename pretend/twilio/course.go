package twilio

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"sidetext/pretend/wire"
)

// A Course says through which states an accepted message goes, and how its status
// callbacks are sent. The zero Course delivers at once, with one callback for each
// state, in order.
type Course struct {
	Match func(Message) bool // which messages; nil: all. It must not call methods of this Twilio
	Times int                // maximum number of messages; 0: until ResetCourses
	Step  time.Duration      // between two states

	End       string // the last state: "delivered" (the default), "undelivered", "failed" or "sent"
	ErrorCode int    // of undelivered and failed

	// Variations of the status callbacks, which can be combined.
	Never    bool          // none
	Early    bool          // all before the API's response
	Reversed bool          // in reverse order
	Doubled  bool          // each one twice
	Late     time.Duration // delay of each callback, which does not delay the next state
}

// SetCourse adds a course. The newest matching course of a message applies.
func (t *Twilio) SetCourse(course Course) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.courses = append(t.courses, &course)
}

// ResetCourses removes all courses.
func (t *Twilio) ResetCourses() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.courses = nil
}

// takeCourse returns a message's course and counts its use.
func (t *Twilio) takeCourse(m *Message) Course {
	for i := len(t.courses) - 1; i >= 0; i-- {
		course := t.courses[i]
		if course.Match != nil && !course.Match(*m) {
			continue
		}
		if course.Times > 0 {
			course.Times--
			if course.Times == 0 {
				t.courses = append(t.courses[:i:i], t.courses[i+1:]...)
			}
		}
		return *course
	}
	return Course{}
}

// runCourse moves a message through its states. There is no callback for the initial
// state
// (twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks).
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
	if m.Pool != "" && t.blocked[pair{m.From, m.To}] { // a service notices an opt-out later
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

// A callback is a status callback and its time.
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

// report returns the form of a status callback with the message's current state.
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
