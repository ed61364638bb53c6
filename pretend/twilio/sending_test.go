package twilio_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sidetext/pretend/twilio"
)

func TestInvalidMessages(t *testing.T) {
	t.Parallel()
	s := play(t)
	s.Block(store, "+14155550999")
	for name, test := range map[string]struct {
		fields []string
		code   float64
	}{
		"no receiver":          {[]string{"To", ""}, 21604},
		"no sender":            {[]string{"From", ""}, 21603},
		"nothing to say":       {[]string{"Body", ""}, 21602},
		"too long":             {[]string{"Body", strings.Repeat("é", 1601)}, 21617},
		"foreign sender":       {[]string{"From", "+14155559999"}, 21606},
		"not a number":         {[]string{"To", "0415"}, 21211},
		"opted out":            {[]string{"To", "+14155550999"}, 21610},
		"callback is no URL":   {[]string{"StatusCallback", "here"}, 21609},
		"media is no URL":      {[]string{"MediaUrl", "here"}, 21620},
		"unknown service":      {[]string{"MessagingServiceSid", "MGnone"}, 21705},
		"magic from, invalid":  {[]string{"From", "+15005550001"}, 21212},
		"magic from, foreign":  {[]string{"From", "+15005550007"}, 21606},
		"magic from, full":     {[]string{"From", "+15005550008"}, 21611},
		"magic to, invalid":    {[]string{"To", "+15005550001"}, 21211},
		"magic to, no route":   {[]string{"To", "+15005550002"}, 21612},
		"magic to, region":     {[]string{"To", "+15005550003"}, 21408},
		"magic to, opted out":  {[]string{"To", "+15005550004"}, 21610},
		"magic to, not mobile": {[]string{"To", "+15005550009"}, 21614},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := s.send(test.fields...)
			if status != 400 || body["code"] != test.code || body["status"] != 400.0 || body["message"] == "" {
				t.Errorf("got %d %v, want %v", status, body, test.code)
			}
		})
	}
	if got := s.Accepted(); len(got) != 0 {
		t.Errorf("accepted %v", got)
	}
}

func TestSending(t *testing.T) {
	t.Parallel()
	s := play(t)
	status, body := s.send("Body", "Hello 👍", "StatusCallback", s.hook+"/status?m=1")
	if status != 201 || body["status"] != "queued" || body["num_segments"] != "1" || body["num_media"] != "0" ||
		body["direction"] != "outbound-api" || body["from"] != store || body["date_sent"] != nil {
		t.Errorf("got %d %v", status, body)
	}
	if _, err := time.Parse(time.RFC1123Z, body["date_created"].(string)); err != nil {
		t.Error(err)
	}
	sid := body["sid"].(string)
	s.until(func() bool { return len(s.Calls()) == 3 })
	var states []string
	for _, r := range s.requests() {
		states = append(states, r.PostForm.Get("MessageStatus"))
		if want := twilio.Sign(token, "http://"+r.Host+r.RequestURI, r.PostForm); r.Header.Get("X-Twilio-Signature") != want {
			t.Error("a callback has a wrong signature")
		}
		if r.PostForm.Get("MessageSid") != sid || r.URL.RawQuery != "m=1" {
			t.Errorf("callback %v to %s", r.PostForm, r.URL)
		}
	}
	if want := []string{"sending", "sent", "delivered"}; !slices.Equal(states, want) {
		t.Errorf("callbacks %v, want %v", states, want)
	}
	if m, _ := s.Message(sid); m.Status != "delivered" || m.Sent.IsZero() {
		t.Errorf("final state %+v", m)
	}
	if lines := s.Screen(jane); len(lines) != 1 || lines[0].Text != "Hello 👍" || lines[0].By != "store" {
		t.Errorf("the phone shows %+v", lines)
	}
}

func TestSendingThroughService(t *testing.T) {
	t.Parallel()
	s := play(t)
	s.Block(pooled, "+14155550999")
	status, body := s.send("From", "", "MessagingServiceSid", pool, "To", "+14155550999")
	if status != 201 || body["status"] != "accepted" || body["from"] != nil || body["num_segments"] != "0" {
		t.Errorf("got %d %v", status, body)
	}
	s.until(func() bool { m := s.Accepted()[0]; return m.Status == "failed" && m.ErrorCode == 21610 })
}

func TestCourses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		course twilio.Course
		want   string
	}{
		"reversed":    {twilio.Course{Reversed: true}, "delivered sent sending"},
		"doubled":     {twilio.Course{Doubled: true}, "sending sending sent sent delivered delivered"},
		"late":        {twilio.Course{Late: time.Millisecond}, "sending sent delivered"},
		"early":       {twilio.Course{Early: true}, "sending sent delivered"},
		"undelivered": {twilio.Course{End: "undelivered", ErrorCode: 30003}, "sending sent undelivered"},
		"failed":      {twilio.Course{End: "failed", ErrorCode: 30007}, "failed"},
		"no report":   {twilio.Course{End: "sent", Step: time.Millisecond}, "sending sent"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := play(t)
			test.course.Times = 1
			s.SetCourse(twilio.Course{Match: func(m twilio.Message) bool { return m.To != jane }, Never: true})
			s.SetCourse(test.course)
			s.send("StatusCallback", s.hook)
			want := strings.Fields(test.want)
			if test.course.Early && len(s.Calls()) != len(want) {
				t.Errorf("%d callbacks before the 201", len(s.Calls()))
			}
			s.until(func() bool { return len(s.Calls()) == len(want) })
			for i, r := range s.requests() {
				if r.PostForm.Get("MessageStatus") != want[i] {
					t.Errorf("callback %d: %v, want %s", i, r.PostForm, want[i])
				}
				if test.course.ErrorCode != 0 && i == len(want)-1 && r.PostForm.Get("ErrorCode") == "" {
					t.Error("no ErrorCode")
				}
			}
			s.send("StatusCallback", s.hook) // the course applies to one message
			s.until(func() bool { return len(s.Calls()) == len(want)+3 })
			s.send("StatusCallback", s.hook, "To", "+14155550777")
			s.until(func() bool { return len(s.Screen("+14155550777")) == 1 })
			if n := len(s.Calls()); n != len(want)+3 {
				t.Errorf("%d callbacks, some of them for a message without callbacks", n)
			}
		})
	}
}
