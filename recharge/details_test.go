package recharge

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// recordedErrors are bodies of Recharge's, and what they say.
var recordedErrors = map[string]string{
	`{"errors":"Not Found"}`:                                                 ": Not Found",
	`{"errors":{"email":"email already exists on store"}}`:                   "email: email already exists on store",
	`{"errors":{"first_name":["Shorter than minimum length 1."]}}`:           "first_name: Shorter than minimum length 1.",
	`{"errors":{"billing_address":{"address1":["Field may not be null."]}}}`: "billing_address.address1: Field may not be null.",
	`{"errors":{"_schema":["Bad input"]}}`:                                   ": Bad input",
	`{"errors":{"billing_address":{"_schema":["Bad input"]}}}`:               "billing_address: Bad input",
	`{"errors":{"next_charge_scheduled_at":"Cannot be in the past"}}`:        "next_charge_scheduled_at: Cannot be in the past",
	`{"errors":{"date":["date is not far enough in the future"]}}`:           "date: date is not far enough in the future",
	`{"errors":{"subscriptions":["Address has active subscriptions"]}}`:      "subscriptions: Address has active subscriptions",
	`{"errors":{"b":["x","y"],"a":"z"}}`:                                     "a: z|b: x|b: y",
	`{"errors":["x","y"]}`:                                                   ": x|: y",
	`{"errors":[{"a":"x"},{"a":"y"}]}`:                                       "0.a: x|1.a: y",
	`{"errors":{"charges":[{"id":"x"}]}}`:                                    "charges.id: x",
	`{"error":"Invalid API token"}`:                                          ": Invalid API token",
	`{"error":{"code":404,"message":"Not Found"}}`:                           "code: 404|message: Not Found",
	`{"errors":null}`: "", `{"errors":{}}`: "", `{}`: "", `[]`: "", `null`: "", `"x"`: "", ``: "", `<html>oops</html>`: "", `{"errors":`: "",
}

func TestRecordedErrors(t *testing.T) {
	t.Parallel()
	for body, want := range recordedErrors {
		var said []string
		for _, d := range decodeDetails([]byte(body)) {
			said = append(said, d.Field+": "+d.Message)
		}
		if got := strings.Join(said, "|"); got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
}

// TestDetailsAreForMerchants: what Recharge says is in the problem of a delivery, and
// never in the text of an error.
func TestDetailsAreForMerchants(t *testing.T) {
	t.Parallel()
	c := newClient(t, answer(422, `{"errors":{"email":["jane@example.com exists."],"_schema":"No."}}`))
	err := c.SendAccountAccess(t.Context(), "3")
	e := apiError(t, err)
	want := []Detail{{"", "No."}, {"email", "jane@example.com exists."}}
	if got := e.Details(); !slices.Equal(got, want) {
		t.Errorf("got %+v", got)
	}
	s := sendErrorOf(t, err)
	if want := "Recharge refused it (No.; email: jane@example.com exists)."; s.Problem.Text != want {
		t.Errorf("got %q, want %q", s.Problem.Text, want)
	}
	if text := fmt.Sprintf("%v %+v %v", err, err, s); strings.Contains(text, "jane") {
		t.Errorf("the error has personal data: %s", text)
	}
}

func FuzzDetails(f *testing.F) {
	for body := range recordedErrors {
		f.Add([]byte(body))
	}
	f.Add([]byte(`{"errors":` + strings.Repeat(`{"a":`, 50) + `"x"` + strings.Repeat(`}`, 51)))
	f.Add([]byte(`{"errors":["` + strings.Repeat("é", 400) + `"]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		details := decodeDetails(body)
		if len(details) > maxDetails {
			t.Errorf("%d details", len(details))
		}
		for _, d := range details {
			if d.Message == "" || len(d.Message) > maxDetailMessage || len(d.Field) > maxDetailMessage || !utf8.ValidString(d.Message+d.Field) {
				t.Errorf("got %q", d)
			}
		}
	})
}
