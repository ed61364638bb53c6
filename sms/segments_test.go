package sms_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"sidetext/sms"
)

// A counted is a text and what Twilio's calculator says of it.
type counted struct {
	text     string
	encoding sms.Encoding
	units    int
	parts    int
}

func (c *counted) UnmarshalJSON(data []byte) error {
	return json.Unmarshal(data, &[]any{&c.text, &c.encoding, &c.units, &c.parts})
}

// TestCountAsTwilio reads the fixture that the browser's test reads, too. Its
// maker is beside it.
func TestCountAsTwilio(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../public/popup/test/segments.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []counted
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 1000 {
		t.Fatalf("only %d texts", len(all))
	}
	for _, c := range all {
		if got := sms.Count(c.text); got.Encoding != c.encoding || got.Units != c.units || got.Parts != c.parts {
			t.Errorf("%+q: got %+v, want %s, %d units, %d parts", c.text, got, c.encoding, c.units, c.parts)
		}
	}
}

// A repeated is a string and how many times it is in a text.
type repeated struct {
	text  string
	count int
}

func (r *repeated) UnmarshalJSON(data []byte) error {
	return json.Unmarshal(data, &[]any{&r.text, &r.count})
}

// A remainder is a text and what is left of its last part.
type remainder struct {
	name     string
	text     []repeated
	encoding sms.Encoding
	parts    int
	left     int
}

func (r *remainder) UnmarshalJSON(data []byte) error {
	return json.Unmarshal(data, &[]any{&r.name, &r.text, &r.encoding, &r.parts, &r.left})
}

// TestCountLeft reads the fixture that the browser's test reads, too. It also has
// clusters that the other fixture leaves out, because Twilio's calculator puts them into
// parts that are too small for them.
func TestCountLeft(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../public/popup/test/segments_left.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []remainder
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	for _, test := range all {
		t.Run(test.name, func(t *testing.T) {
			var text strings.Builder
			for _, r := range test.text {
				text.WriteString(strings.Repeat(r.text, r.count))
			}
			if got := sms.Count(text.String()); got.Encoding != test.encoding || got.Parts != test.parts || got.Left != test.left {
				t.Errorf("got %+v, want %s, %d parts, %d left", got, test.encoding, test.parts, test.left)
			}
		})
	}
}
