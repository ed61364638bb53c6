package console

import (
	"testing"
	"time"
)

func TestRelTime(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 30, 0, time.FixedZone("", 3600))
	for past, want := range map[time.Duration][2]string{
		0:                    {"just now", "11:00 UTC"},
		-time.Hour:           {"just now", "12:00 UTC"}, // a clock that was set back
		59 * time.Second:     {"just now", "10:59 UTC"},
		time.Minute:          {"1 minute ago", "10:59 UTC"},
		119 * time.Minute:    {"1 hour ago", "09:01 UTC"},
		14 * time.Hour:       {"14 hours ago", "21 November, 21:00 UTC"},
		49 * time.Hour:       {"2 days ago", "20 November, 10:00 UTC"},
		365 * 24 * time.Hour: {"365 days ago", "22 November 2025, 11:00 UTC"},
	} {
		w := relTime{now.Add(-past), now}
		if w.Ago() != want[0] || w.Clock() != want[1] || !w.Known() {
			t.Errorf("%v: got %q and %q, want %q", past, w.Ago(), w.Clock(), want)
		}
	}
	if w := (relTime{now: now}); w.Known() {
		t.Error("the zero time is known")
	}
	if got := (relTime{at: now}).ISO(); got != "2026-11-22T11:00:30Z" {
		t.Errorf("got %s", got)
	}
}
