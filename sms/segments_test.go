package sms_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"sidetext/sms"
)

// A counted is a text and the result of Twilio's calculator.
type counted struct {
	text     string
	encoding sms.Encoding
	units    int
	parts    int
}

func (c *counted) UnmarshalJSON(data []byte) error {
	return json.Unmarshal(data, &[]any{&c.text, &c.encoding, &c.units, &c.parts})
}

// TestCountAsTwilio reads a fixture that the test in the browser reads, too. The script
// that generated it is beside it.
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

// TestCountLongClusters has clusters that are not in the fixture, because Twilio's
// calculator puts them into parts that are too short.
func TestCountLongClusters(t *testing.T) {
	t.Parallel()
	marks := func(n int) string { return strings.Repeat("\u0301", n) }
	for name, test := range map[string]struct {
		text  string
		parts int
		left  int
	}{
		"a single part":                {"e" + marks(69), 1, 0},
		"one more than a single part":  {"e" + marks(70), 2, 63},
		"two parts":                    {"e" + marks(133), 2, 0},
		"two parts and one":            {"e" + marks(134), 3, 66},
		"after a letter":               {"x" + "e" + marks(69), 3, 64},
		"as long as a message":         {"e" + marks(1599), 24, 8},
		"two of half a part and a bit": {"e" + marks(33) + "e" + marks(33) + "e" + marks(33), 3, 33},
	} {
		t.Run(name, func(t *testing.T) {
			if got := sms.Count(test.text); got.Parts != test.parts || got.Left != test.left {
				t.Errorf("got %+v", got)
			}
		})
	}
}
