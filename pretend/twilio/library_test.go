package twilio_test

import (
	"encoding/json"
	"net/url"
	"os"
	"path"
	"strings"
	"testing"
	"time"

	"sidetext/pretend/twilio"
)

// A recordedRequest is a request of Twilio's official Node library, recorded by
// testdata/record.cjs.
type recordedRequest struct {
	Name, Method, Path, Form string
	List                     string   // field of the response with the objects, if it is a list
	Reads                    []string // the fields that the library reads of each object
}

// TestNodeLibrary replays the library's requests, and checks that the responses have
// every field that the library reads.
func TestNodeLibrary(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/twilio-node.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []recordedRequest
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 20 {
		t.Fatalf("only %d requests", len(all))
	}
	s := play(t)
	s.SetCourse(twilio.Course{Never: true}) // the recorded callback URLs are not reachable
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	sid, _, err := s.Deliver(t.Context(), twilio.Inbound{From: jane, To: store, Body: "look", Missed: true, At: at,
		Media: []twilio.Media{{Type: "image/png", Data: []byte("png")}}})
	if err != nil {
		t.Fatal(err)
	}
	m, _ := s.Message(sid)
	number, _ := s.Number(pooled)
	names := strings.NewReplacer("SM"+strings.Repeat("1", 32), sid, "ME"+strings.Repeat("2", 32), path.Base(m.Media[0].URL),
		"PN"+strings.Repeat("3", 32), number.SID)
	for _, a := range all {
		t.Run(a.Name, func(t *testing.T) {
			form, err := url.ParseQuery(a.Form)
			if err != nil {
				t.Fatal(err)
			}
			status, body := s.api(a.Method, names.Replace(a.Path), form)
			if status/100 != 2 {
				t.Fatalf("got %d %v", status, body)
			}
			objects := []any{body}
			if a.List != "" {
				objects, _ = body[a.List].([]any)
			}
			if len(objects) == 0 || len(a.Reads) == 0 {
				t.Fatalf("nothing to compare in %v", body)
			}
			for _, object := range objects {
				checkFields(t, object.(map[string]any), a)
			}
		})
	}
	if got := s.Accepted(); len(got) != 3 {
		t.Errorf("accepted %d messages", len(got))
	}
}

// checkFields checks that the object has every field that the library reads, and parses
// dates as the library does.
func checkFields(t *testing.T, object map[string]any, a recordedRequest) {
	t.Helper()
	layout := time.RFC1123Z
	if strings.HasPrefix(a.Path, "/v1/") {
		layout = time.RFC3339
	}
	for _, field := range a.Reads {
		value, found := object[field]
		if !found {
			t.Errorf("the field %s is missing", field)
		}
		if text, _ := value.(string); strings.HasPrefix(field, "date_") && value != nil {
			if _, err := time.Parse(layout, text); err != nil {
				t.Errorf("%s: %v", field, err)
			}
		}
	}
}
