package recharge

import (
	"sync"
	"time"
	_ "time/tzdata" // an image without files has no time zones
)

// eastern is the zone of times without an offset (docs.getrecharge.com, "Using the
// API").
var eastern = sync.OnceValue(func() *time.Location {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic(err) // time/tzdata has it
	}
	return zone
})

// ParseTime parses a time with an offset ("2022-03-10T12:13:28+00:00"), or one without,
// which is Eastern Time. It returns it in UTC, or zero if s is not a time.
func ParseTime(s string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700"} { // both accept fractions of a second
		if t, err := time.Parse(layout, s); err == nil {
			return valid(t)
		}
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, s, eastern()); err == nil {
			return valid(t)
		}
	}
	return time.Time{}
}

// valid returns t in UTC, or zero if no real time is meant.
func valid(t time.Time) time.Time {
	t = t.UTC()
	if t.Year() < 1970 || t.Year() > 9000 {
		return time.Time{}
	}
	return t
}

// formatTime writes a time without an offset, as Recharge's own times are.
func formatTime(t time.Time) string { return t.In(eastern()).Format("2006-01-02T15:04:05") }

// parseDate returns a date like "2026-12-09". Some versions of the API append a time,
// which means nothing. It returns "" if s is not a date.
func parseDate(s string) string {
	s = s[:min(len(s), len(time.DateOnly))]
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return ""
	}
	return s
}

// validDate reports whether s is a date, and nothing but a date.
func validDate(s string) bool { return s != "" && parseDate(s) == s }
