package helpdesk

import (
	"time"
	_ "time/tzdata" // an image without files has no time zones

	"sidetext/chat"
	"sidetext/sms"
)

// location is the time zone of a shop: the chosen one, otherwise that of its
// number.
func location(chosen string, number chat.Phone) *time.Location {
	for _, name := range []string{chosen, sms.TimeZone(number)} {
		if found, err := time.LoadLocation(name); err == nil && name != "" {
			return found
		}
	}
	return time.UTC
}
