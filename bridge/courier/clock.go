package courier

import "time"

// A clockWatch compares the wall clock, which can be set, with the monotonic one.
type clockWatch struct {
	now   func() time.Time
	wall  time.Time
	since time.Time
}

func watchClock(now func() time.Time) clockWatch {
	return clockWatch{now, now().Round(0), time.Now()}
}

// offset is by how much the wall clock was set since the watch began.
func (c clockWatch) offset() time.Duration {
	return c.now().Round(0).Sub(c.wall) - time.Since(c.since)
}
