package twilio

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// overrides are the connection overrides in the fragment of a webhook's URL (twilio.com/docs/usage/webhooks/webhooks-connection-overrides).
type overrides struct {
	connect, read, total time.Duration
	retries              int
	on                   []string // of "ct", "rt", "4xx", "5xx", "all"
}

// parseOverrides splits a webhook's URL into the URL to request and its overrides. It ignores
// values out of range.
func parseOverrides(address string) (string, overrides) {
	o := overrides{5 * time.Second, 15 * time.Second, 15 * time.Second, 1, []string{"ct"}}
	address, fragment, _ := strings.Cut(address, "#")
	values, err := url.ParseQuery(fragment)
	if err != nil {
		return address, o
	}
	for name, field := range map[string]struct {
		value *time.Duration
		most  int
	}{"ct": {&o.connect, 10000}, "rt": {&o.read, 15000}, "tt": {&o.total, 15000}} {
		if ms, err := strconv.Atoi(values.Get(name)); err == nil && ms >= 100 && ms <= field.most {
			*field.value = time.Duration(ms) * time.Millisecond
		}
	}
	if n, err := strconv.Atoi(values.Get("rc")); err == nil && n >= 0 && n <= 5 {
		o.retries = n
	}
	if values.Has("rp") {
		o.on = strings.Split(values.Get("rp"), ",")
	}
	return address, o
}

// shouldRetry reports whether a failure of this kind is retried.
func (o overrides) shouldRetry(failure string) bool {
	return slices.Contains(o.on, failure) || slices.Contains(o.on, "all")
}
