package hooks_test

import (
	"crypto/rand"
	"errors"
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
	"sidetext/server/e2e/stage"
)

// about makes a course for one text only.
func about(text string, c twilio.Course) twilio.Course {
	c.Match = func(m twilio.Message) bool { return m.Body == text }
	return c
}

// TestReportsInAnyOrder: Twilio reports in every order that it may.
func TestReportsInAnyOrder(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
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
			y := s.SendAsAgent(stage.NewPhone(), name+" indeed")
			stage.Until(t, "all reports are in", func() bool {
				return len(y.Accepted()) == 1 && len(s.ReportsOf(y.Accepted()[0].SID)) == test.calls && y.Entry().State != chat.Saved
			})
			if got := y.Entry(); got.State != test.want || (got.Problem != nil) != (test.want == chat.Failed) {
				t.Errorf("it is %s: %v", got.State, got.Problem)
			}
			for _, c := range s.ReportsOf(y.Accepted()[0].SID) {
				if c.Status != 204 || c.Body != "" {
					t.Errorf("a report was answered with %d %q", c.Status, c.Body)
				}
			}
		})
	}
}

// TestReportsOfOtherTexts: reports arrive with the wrong callback address, and
// without one.
func TestReportsOfOtherTexts(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	mine := s.Line()
	other := chat.Line{ID: "other", Shop: s.Shop.ID, Number: "+14155550111", Provider: "twilio", Account: demo.TwilioAccount, Token: demo.TwilioToken, Endpoint: rand.Text()}
	stage.Must(t, s.App.Store.SaveLine(t.Context(), other))
	s.World.Twilio.SetCourse(twilio.Course{Never: true})
	y := s.SendAsAgent(stage.Jane, "whose is this?")
	y.WaitForState(chat.Queued)
	m := y.Accepted()[0]
	token := path.Base(m.Callback)
	unknown := twilio.Message{SID: "SM" + strings.Repeat("0", 32)}
	for name, status := range map[string]int{
		"an unknown token and an unknown text": y.Report(unknown, "failed", "21610", "/hooks/twilio/"+mine.Endpoint+"/status/nobody"),
		"another line's":                       y.Report(m, "delivered", "", "/hooks/twilio/"+other.Endpoint+"/status/"+token),
		"another line's, who stopped":          y.Report(m, "failed", "21610", "/hooks/twilio/"+other.Endpoint+"/status/"+token),
		"another line's, by the text's own id": y.Report(m, "delivered", "", "/hooks/twilio/"+other.Endpoint+"/status"),
		"of no text, by the text's own id":     y.Report(unknown, "delivered", "", "/hooks/twilio/"+mine.Endpoint+"/status"),
	} {
		if status != 204 || y.Entry().State != chat.Queued || s.Conversation(stage.Jane).Conversation.OptedOut {
			t.Errorf("%s: answered %d, and it is %s", name, status, y.Entry().State)
		}
	}
	if got := y.Report(m, "sent", "", "/hooks/twilio/"+mine.Endpoint+"/status"); got != 204 || y.Entry().State != chat.Sent {
		t.Errorf("by the text's own name: answered %d, and it is %s", got, y.Entry().State)
	}
	if got := y.Report(m, "sent", "", "/hooks/twilio/"+mine.Endpoint+"/status/nobody"); got != 204 || y.Entry().State != chat.Sent {
		t.Errorf("by the text's own name, with an unknown token: answered %d, and it is %s", got, y.Entry().State)
	}
	if got := y.Report(m, "a word of next year's", "", ""); got != 204 || y.Entry().State != chat.Sent {
		t.Errorf("an unknown word: answered %d, and it is %s", got, y.Entry().State)
	}
	for range 2 {
		if got := y.Report(m, "delivered", "", ""); got != 204 || y.Entry().State != chat.Delivered {
			t.Errorf("by token: answered %d, and it is %s", got, y.Entry().State)
		}
	}
	if got := y.Report(m, "failed", "30003", ""); got != 204 || y.Entry().State != chat.Delivered || y.Entry().Problem != nil {
		t.Errorf("after the end: answered %d, and it is %s", got, y.Entry().State)
	}
}

// TestOptOutAtCarrier: only sending shows that the shopper has opted out at the
// carrier.
func TestOptOutAtCarrier(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prepare func(*stage.Stage)
		report  func(stage.SentText)
	}{
		"in the answer": {func(s *stage.Stage) { s.World.Twilio.Block(demo.Number, stage.Jane) }, func(stage.SentText) {}},
		"in a report": {func(s *stage.Stage) { s.World.Twilio.SetCourse(twilio.Course{Never: true}) }, func(y stage.SentText) {
			y.WaitForState(chat.Queued)
			y.Report(y.Accepted()[0], "failed", "21610", "")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := stage.New(t)
			test.prepare(s)
			y := s.SendAsAgent(stage.Jane, "are you there?")
			test.report(y)
			if got := y.WaitForState(chat.Failed).Problem; got == nil || got.Code != "21610" || got.Text != "The shopper has opted out of texts from this number." {
				t.Errorf("the problem is %v", got)
			}
			snapshot := s.Conversation(stage.Jane)
			if !snapshot.Conversation.OptedOut || !slices.ContainsFunc(snapshot.Entries, func(e chat.Entry) bool { return e.Event == chat.OptedOut }) {
				t.Errorf("no agent can see it: %+v", snapshot.Entries)
			}
			before := len(s.World.Twilio.Requests())
			_, err := s.App.Bridge.Reply(t.Context(), s.Shop.ID, y.ID, stage.Ben, bridge.Reply{ID: "once more", Text: "hello?", Seen: 1 << 40})
			if e, ok := errors.AsType[*chat.Error](err); !ok || e.Code != "opted_out" {
				t.Errorf("once more: %v", err)
			}
			if n := len(s.World.Twilio.Requests()); n != before {
				t.Errorf("%d more requests", n-before)
			}
		})
	}
}

func TestProblemTexts(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	for code, want := range map[string]string{
		"30003": "The phone is switched off or out of reach.", "30005": "This number is not in use.",
		"30006": "This is a landline, or its carrier takes no texts.", "30007": "The carrier took this text for spam. The same words will be stopped again.",
		"30034": "The shop's number is not registered with the US carriers (A2P 10DLC). It has to be registered in Twilio.",
		"31999": "The carrier did not deliver this text (code 31999).", "": "The carrier did not deliver this text.",
	} {
		s.World.Twilio.SetCourse(twilio.Course{Never: true})
		y := s.SendAsAgent(stage.NewPhone(), "with code "+code)
		y.WaitForState(chat.Queued)
		y.Report(y.Accepted()[0], "undelivered", code, "")
		if got := y.Entry(); got.State != chat.Failed || got.Problem == nil || got.Problem.Text != want {
			t.Errorf("%q: it is %s, %v", code, got.State, got.Problem)
		}
	}
}

// TestRateLimitedTextIsSentOnce: a rate-limited text waits as long as asked,
// and is sent once.
func TestRateLimitedTextIsSentOnce(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.World.Twilio.Faults.Add(wire.Fault{Act: wire.Answer, Method: "POST", Path: "/Messages", Status: 429, Times: 2})
	first, second := s.SendAsAgent(stage.Jane, "one after"), s.SendAsAgent(stage.Jane, "the other")
	first.WaitForState(chat.Delivered)
	second.WaitForState(chat.Delivered)
	if sent := s.World.Twilio.Accepted(); len(sent) != 2 || sent[0].Body != "one after" {
		t.Errorf("sent %v", sent)
	}
}

// TestUnknownOutcome: the response is lost in every possible way. The text is
// never sent again, and what follows is delayed only for a moment; Twilio's
// later report decides.
func TestUnknownOutcome(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	s.World.Twilio.SetCourse(twilio.Course{Never: true, Match: func(m twilio.Message) bool { return strings.HasPrefix(m.Body, "lost") }})
	var lost, next []stage.SentText
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
			phone := stage.NewPhone()
			test.fault.Method, test.fault.Path, test.fault.Times = "POST", "/Messages", 1
			s.World.Twilio.Faults.Add(test.fault)
			y := s.SendAsAgent(phone, "lost, as "+name)
			if test.fault.Act == wire.HangAfter {
				stage.Until(t, "it hangs", func() bool { return len(y.Accepted()) == 1 })
				s.World.Twilio.Faults.Clear() // which ends the connection
			}
			if got := y.WaitForState(chat.Unknown); got.Problem == nil || got.Problem.Code != "looking" {
				t.Errorf("the problem is %v", got.Problem)
			}
			lost = append(lost, y)
			accepted = append(accepted, test.accepted)
		})
	}
	for _, y := range lost {
		next = append(next, s.SendAsAgent(y.To, "next, after "+y.Text))
	}
	for i, y := range lost {
		// It is in the same lane, so by now the first would have been sent again.
		next[i].WaitForState(chat.Delivered)
		if n := len(y.Accepted()); n != accepted[i] {
			t.Errorf("%s: sent %d times", y.Text, n)
			continue
		}
		if accepted[i] == 0 {
			continue
		}
		if got := y.Report(y.Accepted()[0], "delivered", "", ""); got != 204 || y.Entry().State != chat.Delivered {
			t.Errorf("%s: the report was answered with %d, and it is %s", y.Text, got, y.Entry().State)
		}
	}
}
