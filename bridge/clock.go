package bridge

import "time"

// A clockWatch compares the wall's clock, which can be set, with the one that
// cannot.
type clockWatch struct {
	now   func() time.Time
	wall  time.Time
	since time.Time
}

func watchClock(now func() time.Time) clockWatch {
	return clockWatch{now, now().Round(0), time.Now()}
}

// off is by how much the wall's clock was set since the watch began.
func (c clockWatch) off() time.Duration {
	return c.now().Round(0).Sub(c.wall) - time.Since(c.since)
}
