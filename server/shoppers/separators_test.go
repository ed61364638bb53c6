package shoppers

import (
	"encoding/json"
	"os"
	"testing"
)

// TestSeparators reads a table of header lines and what separates their columns.
func TestSeparators(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/separators.json")
	if err != nil {
		t.Fatal(err)
	}
	var all [][3]string // name, header, separator
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	for _, test := range all {
		if got := string(separator(test[1])); got != test[2] {
			t.Errorf("%s: got %q, want %q", test[0], got, test[2])
		}
	}
}
