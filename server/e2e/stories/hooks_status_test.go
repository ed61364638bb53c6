package stories

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"sidetext/bridge"
	"sidetext/chat"
	"sidetext/pretend/twilio"
	"sidetext/pretend/wire"
	"sidetext/server/demo"
)

var ben = chat.Author{Role: chat.ByAgent, ID: "1", Name: "Ben Okafor"}

// A saying is something that an agent has texted.
type saying struct {
	*stage
	to   string
	text string
	id   chat.ConversationID
	seq  int64
}

// say has an agent text somebody.
func (s *stage) say(to, text string) saying {
	s.t.Helper()
	s.log.private(text)
	id := s.conversation(to).Conversation.ID
	seq, err := s.App.Bridge.Reply(context.Background(), s.Shop.ID, id, ben, bridge.Reply{ID: "saying " + text, Text: text, Seen: 1 << 40})
	must(s.t, err)
	return saying{s, to, text, id, seq}
}

// now is what is known of it.
func (y saying) now() chat.Entry {
	y.t.Helper()
	found, err := y.App.Store.EntriesAfter(context.Background(), y.Shop.ID, y.id, y.seq-1)
	must(y.t, err)
	return found[0]
}

func (y saying) becomes(state chat.State) chat.Entry {
	y.t.Helper()
	until(y.t, fmt.Sprintf("%q is %s", y.text, state), func() bool { return y.now().State == state })
	return y.now()
}

// accepted is what Twilio believes it was asked to send.
func (y saying) accepted() []twilio.Message {
	return slices.DeleteFunc(y.World.Twilio.Accepted(), func(m twilio.Message) bool { return m.Body != y.text })
}

// about makes a course for one text only.
func about(text string, c twilio.Course) twilio.Course {
	c.Match = func(m twilio.Message) bool { return m.Body == text }
	return c
}

// report tells of a text as Twilio does, with its own callback address or
// another one.
func (y saying) report(m twilio.Message, status, code, address string) int {
	y.t.Helper()
	form := url.Values{"MessageSid": {m.SID}, "SmsSid": {m.SID}, "AccountSid": {demo.TwilioAccount}, "MessageStatus": {status}, "To": {m.To}, "From": {m.From}}
	if code != "" {
		form.Set("ErrorCode", code)
	}
	if address == "" {
		address = m.Callback
	}
	return y.call(hook{path: strings.TrimPrefix(address, y.url), form: form, token: demo.TwilioToken}).Status
}

// TestReports has Twilio report in every order that it may.
func TestReports(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for name, test := range map[string]struct {
		twilio.Course
		calls int
		want  chat.State
	}{
		"in order":             {twilio.Course{}, 3, chat.Delivered},
		"doubled":              {twilio.Course{Doubled: true}, 6, chat.Delivered},
		"reversed":             {twilio.Course{Reversed: true}, 3, chat.Delivered},
		"reversed and doubled": {twilio.Course{Reversed: true, Doubled: true}, 6, chat.Delivered},
		"before the answer":    {twilio.Course{Early: true}, 3, chat.Delivered},
		"early and reversed":   {twilio.Course{Early: true, Reversed: true}, 3, chat.Delivered},
		"late":                 {twilio.Course{Late: 200 * time.Millisecond}, 3, chat.Delivered},
		"failed, reversed":     {twilio.Course{End: "undelivered", ErrorCode: 30003, Reversed: true}, 3, chat.Failed},
		"never delivered":      {twilio.Course{End: "sent"}, 2, chat.Sent},
	} {
		t.Run(name, func(t *testing.T) {
			s.World.Twilio.SetCourse(about(name+" indeed", test.Course))
			y := s.say(somebody(), name+" indeed")
			until(t, "all reports are in", func() bool {
				return len(y.accepted()) == 1 && len(s.reportsOf(y.accepted()[0].SID)) == test.calls && y.now().State != chat.Saved
			})
			if got := y.now(); got.State != test.want || (got.Problem != nil) != (test.want == chat.Failed) {
				t.Errorf("it is %s: %v", got.State, got.Problem)
			}
			for _, c := range s.reportsOf(y.accepted()[0].SID) {
				if c.Status != 204 || c.Body != "" {
					t.Errorf("a report was answered with %d %q", c.Status, c.Body)
				}
			}
		})
	}
}

func (s *stage) reportsOf(sid string) []twilio.Call {
	return slices.DeleteFunc(s.World.Twilio.Calls(), func(c twilio.Call) bool { return c.Kind != twilio.StatusCall || c.SID != sid })
}

// TestReportsOfOthers tells of texts with the wrong address, and without one.
func TestReportsOfOthers(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	mine := s.line()
	other := chat.Line{ID: "other", Shop: s.Shop.ID, Number: "+14155550111", Provider: "twilio", Account: demo.TwilioAccount, Token: demo.TwilioToken, Endpoint: rand.Text()}
	must(t, s.App.Store.SaveLine(t.Context(), other))
	s.World.Twilio.SetCourse(twilio.Course{Never: true})
	y := s.say(jane, "whose is this?")
	y.becomes(chat.Queued)
	m := y.accepted()[0]
	token := path.Base(m.Callback)
	unknown := twilio.Message{SID: "SM" + strings.Repeat("0", 32)}
	for name, status := range map[string]int{
		"an unknown token and an unknown text":   y.report(unknown, "failed", "21610", "/hooks/twilio/"+mine.Endpoint+"/status/nobody"),
		"another line's":                         y.report(m, "delivered", "", "/hooks/twilio/"+other.Endpoint+"/status/"+token),
		"another line's, who stopped":            y.report(m, "failed", "21610", "/hooks/twilio/"+other.Endpoint+"/status/"+token),
		"another line's, by the text's own name": y.report(m, "delivered", "", "/hooks/twilio/"+other.Endpoint+"/status"),
		"nobody's, by the text's own name":       y.report(unknown, "delivered", "", "/hooks/twilio/"+mine.Endpoint+"/status"),
	} {
		if status != 204 || y.now().State != chat.Queued || s.conversation(jane).Conversation.OptedOut {
			t.Errorf("%s: answered %d, and it is %s", name, status, y.now().State)
		}
	}
	if got := y.report(m, "sent", "", "/hooks/twilio/"+mine.Endpoint+"/status"); got != 204 || y.now().State != chat.Sent {
		t.Errorf("by the text's own name: answered %d, and it is %s", got, y.now().State)
	}
	if got := y.report(m, "sent", "", "/hooks/twilio/"+mine.Endpoint+"/status/nobody"); got != 204 || y.now().State != chat.Sent {
		t.Errorf("by the text's own name, with an unknown token: answered %d, and it is %s", got, y.now().State)
	}
	if got := y.report(m, "a word of next year's", "", ""); got != 204 || y.now().State != chat.Sent {
		t.Errorf("an unknown word: answered %d, and it is %s", got, y.now().State)
	}
	for range 2 {
		if got := y.report(m, "delivered", "", ""); got != 204 || y.now().State != chat.Delivered {
			t.Errorf("by token: answered %d, and it is %s", got, y.now().State)
		}
	}
	if got := y.report(m, "failed", "30003", ""); got != 204 || y.now().State != chat.Delivered || y.now().Problem != nil {
		t.Errorf("after the end: answered %d, and it is %s", got, y.now().State)
	}
}

// TestOptedOutAtTheCarrier learns only by sending that a shopper wants silence.
func TestOptedOutAtTheCarrier(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prepare func(*stage)
		report  func(saying)
	}{
		"in the answer": {func(s *stage) { s.World.Twilio.Block(demo.Number, jane) }, func(saying) {}},
		"in a report": {func(s *stage) { s.World.Twilio.SetCourse(twilio.Course{Never: true}) }, func(y saying) {
			y.becomes(chat.Queued)
			y.report(y.accepted()[0], "failed", "21610", "")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			test.prepare(s)
			y := s.say(jane, "are you there?")
			test.report(y)
			if got := y.becomes(chat.Failed).Problem; got == nil || got.Code != "21610" || got.Text != "The shopper has opted out of texts from this number." {
				t.Errorf("the problem is %v", got)
			}
			sight := s.conversation(jane)
			if !sight.Conversation.OptedOut || !slices.ContainsFunc(sight.Entries, func(e chat.Entry) bool { return e.Event == chat.OptedOut }) {
				t.Errorf("nobody is told: %+v", sight.Entries)
			}
			before := len(s.World.Twilio.Requests())
			_, err := s.App.Bridge.Reply(t.Context(), s.Shop.ID, y.id, ben, bridge.Reply{ID: "once more", Text: "hello?", Seen: 1 << 40})
			if e, ok := errors.AsType[*chat.Error](err); !ok || e.Code != "opted_out" {
				t.Errorf("once more: %v", err)
			}
			if n := len(s.World.Twilio.Requests()); n != before {
				t.Errorf("%d more requests", n-before)
			}
		})
	}
}

func TestProblemsInWords(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for code, want := range map[string]string{
		"30003": "The phone is switched off or out of reach.", "30005": "This number is not in use.",
		"30006": "This is a landline, or its carrier takes no texts.", "30007": "The carrier took this text for spam. The same words will be stopped again.",
		"30034": "The shop's number is not registered with the US carriers (A2P 10DLC). It has to be registered in Twilio.",
		"31999": "The carrier did not deliver this text (code 31999).", "": "The carrier did not deliver this text.",
	} {
		s.World.Twilio.SetCourse(twilio.Course{Never: true})
		y := s.say(somebody(), "with code "+code)
		y.becomes(chat.Queued)
		y.report(y.accepted()[0], "undelivered", code, "")
		if got := y.now(); got.State != chat.Failed || got.Problem == nil || got.Problem.Text != want {
			t.Errorf("%q: it is %s, %v", code, got.State, got.Problem)
		}
	}
}

// TestSlowedDown is told to wait, waits, and sends once.
func TestSlowedDown(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.World.Twilio.Faults.Ask(wire.Fault{Act: wire.Answer, Method: "POST", Path: "/Messages", Status: 429, Times: 2})
	first, second := s.say(jane, "one after"), s.say(jane, "the other")
	first.becomes(chat.Delivered)
	second.becomes(chat.Delivered)
	if sent := s.World.Twilio.Accepted(); len(sent) != 2 || sent[0].Body != "one after" {
		t.Errorf("sent %v", sent)
	}
}

// TestUnknownOutcome loses the answer, in every way that there is. Nothing is
// ever sent again, and what follows is held up for a moment only; what Twilio
// reports later settles it.
func TestUnknownOutcome(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.World.Twilio.SetCourse(twilio.Course{Never: true, Match: func(m twilio.Message) bool { return strings.HasPrefix(m.Body, "lost") }})
	var lost, next []saying
	var accepted []int
	for name, test := range map[string]struct {
		fault    wire.Fault
		accepted int
	}{
		"the connection was reset after it":  {wire.Fault{Act: wire.ResetAfter}, 1},
		"the connection was reset before it": {wire.Fault{Act: wire.Reset}, 0},
		"it was done and answered with 500":  {wire.Fault{Act: wire.AnswerAfter, Status: 500}, 1},
		"it was done and answered with 503":  {wire.Fault{Act: wire.AnswerAfter, Status: 503}, 1},
		"it was not done, and a 502":         {wire.Fault{Act: wire.Answer, Status: 502}, 0},
		"it was done and never answered":     {wire.Fault{Act: wire.HangAfter}, 1},
		"half of the answer came":            {wire.Fault{Act: wire.Truncate}, 1},
		"a redirect":                         {wire.Fault{Act: wire.AnswerAfter, Status: 307}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			phone := somebody()
			test.fault.Method, test.fault.Path, test.fault.Times = "POST", "/Messages", 1
			s.World.Twilio.Faults.Ask(test.fault)
			y := s.say(phone, "lost, as "+name)
			if test.fault.Act == wire.HangAfter {
				until(t, "it hangs", func() bool { return len(y.accepted()) == 1 })
				s.World.Twilio.Faults.Clear() // which ends the connection
			}
			if got := y.becomes(chat.Unknown); got.Problem == nil || got.Problem.Code != "looking" {
				t.Errorf("the problem is %v", got.Problem)
			}
			lost = append(lost, y)
			accepted = append(accepted, test.accepted)
		})
	}
	for _, y := range lost {
		next = append(next, s.say(y.to, "next, after "+y.text))
	}
	for i, y := range lost {
		// It is in the same lane, so by now the first would have been sent again.
		next[i].becomes(chat.Delivered)
		if n := len(y.accepted()); n != accepted[i] {
			t.Errorf("%s: sent %d times", y.text, n)
			continue
		}
		if accepted[i] == 0 {
			continue
		}
		if got := y.report(y.accepted()[0], "delivered", "", ""); got != 204 || y.now().State != chat.Delivered {
			t.Errorf("%s: the report was answered with %d, and it is %s", y.text, got, y.now().State)
		}
	}
}
