package gorgias_test

import (
	"encoding/json"
	"testing"
	"time"

	"sidetext/gorgias"
)

func TestTime(t *testing.T) {
	t.Parallel()
	noon := time.Date(2025, 2, 7, 9, 55, 18, 820000000, time.UTC)
	for in, want := range map[string]time.Time{
		`"2025-02-07T09:55:18.820000+00:00"`: noon,
		`"2025-02-07T09:55:18.820000"`:       noon,
		`"2025-02-07T09:55:18.82Z"`:          noon,
		`"2025-02-07T11:55:18.820000+02:00"`: noon,
		`"2025-02-07T11:55:18.820000+0200"`:  noon,
		`"2025-02-07 09:55:18.820000"`:       noon,
		`"2025-02-07T09:55:18"`:              noon.Truncate(time.Second),
		`null`:                               {},
		`""`:                                 {},
	} {
		var got gorgias.Time
		if err := json.Unmarshal([]byte(in), &got); err != nil || !got.Equal(want) {
			t.Errorf("%s: got %v (%v), want %v", in, got, err, want)
		}
	}
	for _, in := range []string{`"soon"`, `12`, `"2025-02-30T00:00:00"`, `true`} {
		var got gorgias.Time
		if json.Unmarshal([]byte(in), &got) == nil {
			t.Errorf("%s was accepted as %v", in, got)
		}
	}
	if out, err := json.Marshal(gorgias.Time{Time: noon.In(time.FixedZone("", 7200))}); string(out) != `"2025-02-07T09:55:18.820000+00:00"` {
		t.Errorf("written as %s (%v)", out, err)
	}
	if out, _ := json.Marshal(gorgias.Time{}); string(out) != "null" {
		t.Errorf("the zero time is written as %s", out)
	}
}

func TestID(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]gorgias.ID{`218411991`: 218411991, `"218411991"`: 218411991, `null`: 0} {
		var got gorgias.ID
		if err := json.Unmarshal([]byte(in), &got); err != nil || got != want {
			t.Errorf("%s: got %v (%v)", in, got, err)
		}
	}
	for _, in := range []string{`"x"`, `1.5`, `-1`, `{}`, `""`, `99999999999999999999`} {
		var got gorgias.ID
		if json.Unmarshal([]byte(in), &got) == nil {
			t.Errorf("%s was accepted as %v", in, got)
		}
	}
	for _, in := range []string{"", "0", "-1", "1.0", "abc", "+5", " 5"} {
		if id, err := gorgias.ParseID(in); err == nil {
			t.Errorf("%q was accepted as %v", in, id)
		}
	}
}

func FuzzTime(f *testing.F) {
	f.Add(`"2025-02-07T09:55:18.820000"`)
	f.Fuzz(func(t *testing.T, in string) {
		var first, second gorgias.Time
		if json.Unmarshal([]byte(in), &first) != nil || first.Year() < 0 || first.Year() > 9999 {
			return
		}
		out, err := json.Marshal(first)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(out, &second); err != nil || !second.Equal(first.Truncate(time.Microsecond)) {
			t.Fatalf("%s: %v became %v (%v)", in, first, second, err)
		}
	})
}
