package recharge

import (
	"testing"
	"time"
)

func TestParseTime(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"2022-03-10T12:13:28+00:00":        "2022-03-10T12:13:28Z",
		"2022-03-10T12:13:28Z":             "2022-03-10T12:13:28Z",
		"2022-03-10T07:13:28-0500":         "2022-03-10T12:13:28Z",
		"2022-03-09T02:36:35":              "2022-03-09T07:36:35Z", // winter
		"2022-07-09T02:36:35":              "2022-07-09T06:36:35Z", // summer
		"2022-07-09T02:36:35.123456":       "2022-07-09T06:36:35.123456Z",
		"2022-03-10T12:13:28.123456+00:00": "2022-03-10T12:13:28.123456Z",
		"2022-07-09 02:36:35":              "2022-07-09T06:36:35Z",
		"2026-12-09":                       "2026-12-09T05:00:00Z",
		"":                                 "", "null": "", "soon": "", "2022-13-09T02:36:35": "", "0000-00-00T00:00:00": "",
		"0001-01-01T00:00:00": "", "1646800595": "",
	} {
		got := ""
		if at := ParseTime(s); !at.IsZero() {
			got = at.Format(time.RFC3339Nano)
		}
		if got != want {
			t.Errorf("%q: got %s, want %s", s, got, want)
		}
	}
	// The hour that is skipped in spring and the one that comes twice in autumn.
	for _, s := range []string{"2026-03-08T02:30:00", "2026-11-01T01:30:00"} {
		if ParseTime(s).IsZero() {
			t.Errorf("%s is no time", s)
		}
	}
}

func TestParseDate(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"2026-12-09": "2026-12-09", "2026-12-09T00:00:00": "2026-12-09", "2026-12-09T00:00:00+00:00": "2026-12-09",
		"": "", "2026-12-9": "", "2026-02-30": "", "tomorrow": "", "2026-12": "",
	} {
		if got := parseDate(s); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}

func FuzzTime(f *testing.F) {
	for _, s := range []string{"2022-03-10T12:13:28+00:00", "2022-03-09T02:36:35", "2026-12-09", "2026-12-09T00:00:00", "9999-12-31T23:59:59-23:59", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if at := ParseTime(s); !at.IsZero() {
			if again := ParseTime(formatTime(at)); again.Sub(at.Truncate(time.Second)).Abs() > time.Hour {
				t.Errorf("%q is %v, and %v when it is written again", s, at, again)
			}
			if _, err := at.MarshalJSON(); err != nil {
				t.Errorf("%q: %v", s, err)
			}
		}
		if d := parseDate(s); d != "" && !validDate(d) {
			t.Errorf("%q gives the date %q", s, d)
		}
	})
}
