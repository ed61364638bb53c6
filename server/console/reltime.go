package console

import (
	"time"

	"sidetext/server/web"
)

// relTime formats a time relative to now. The server does not know the reader's
// time zone: the page's script formats it again in local time.
type relTime struct{ at, now time.Time }

func (k *Console) relTime(at time.Time) relTime { return relTime{at, k.Now()} }

// Known reports whether there is a time.
func (r relTime) Known() bool { return !r.at.IsZero() }

// ISO is the time for programs.
func (r relTime) ISO() string { return r.at.UTC().Format(time.RFC3339) }

// Ago is how long ago it was: "2 minutes ago".
func (r relTime) Ago() string {
	past := r.now.Sub(r.at)
	for _, unit := range []struct {
		name string
		is   time.Duration
	}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}} {
		if n := int64(past / unit.is); n > 0 {
			return plural(n, unit.name, unit.name+"s") + " ago"
		}
	}
	return "just now"
}

// Clock is the time of day, with the date if that is not today.
func (r relTime) Clock() string {
	at, now := r.at.UTC(), r.now.UTC()
	switch {
	case at.YearDay() == now.YearDay() && at.Year() == now.Year():
		return at.Format("15:04 UTC")
	case at.Year() == now.Year():
		return at.Format("2 January, 15:04 UTC")
	}
	return at.Format("2 January 2006, 15:04 UTC")
}

func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return web.Grouped(n) + " " + many
}
