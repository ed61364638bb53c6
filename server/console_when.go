package main

import "time"

// A when is a moment, and how it looks from now. Pages are written without
// knowing the reader's clock: the scripts say it in local time, if there are any.
type when struct{ at, now time.Time }

func (k *console) when(at time.Time) when { return when{at, k.now()} }

// Known reports whether it is a moment at all.
func (w when) Known() bool { return !w.at.IsZero() }

// ISO is the moment for programs.
func (w when) ISO() string { return w.at.UTC().Format(time.RFC3339) }

// Ago says how long ago it was: "2 minutes ago".
func (w when) Ago() string {
	past := w.now.Sub(w.at)
	for _, unit := range []struct {
		name string
		is   time.Duration
	}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}} {
		if n := int64(past / unit.is); n > 0 {
			return amount(n, unit.name, unit.name+"s") + " ago"
		}
	}
	return "just now"
}

// Clock says at what time it was, and on what day if that is not today.
func (w when) Clock() string {
	at, now := w.at.UTC(), w.now.UTC()
	switch {
	case at.YearDay() == now.YearDay() && at.Year() == now.Year():
		return at.Format("15:04 UTC")
	case at.Year() == now.Year():
		return at.Format("2 January, 15:04 UTC")
	}
	return at.Format("2 January 2006, 15:04 UTC")
}

func amount(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + many
}
