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

// parse splits a webhook's URL into the URL to request and its overrides. It ignores
// values out of range.
func parse(address string) (string, overrides) {
	o := overrides{5 * time.Second, 15 * time.Second, 15 * time.Second, 1, []string{"ct"}}
	address, fragment, _ := strings.Cut(address, "#")
	said, err := url.ParseQuery(fragment)
	if err != nil {
		return address, o
	}
	for name, field := range map[string]struct {
		value *time.Duration
		most  int
	}{"ct": {&o.connect, 10000}, "rt": {&o.read, 15000}, "tt": {&o.total, 15000}} {
		if ms, err := strconv.Atoi(said.Get(name)); err == nil && ms >= 100 && ms <= field.most {
			*field.value = time.Duration(ms) * time.Millisecond
		}
	}
	if n, err := strconv.Atoi(said.Get("rc")); err == nil && n >= 0 && n <= 5 {
		o.retries = n
	}
	if said.Has("rp") {
		o.on = strings.Split(said.Get("rp"), ",")
	}
	return address, o
}

// again reports whether a failure of this kind is retried.
func (o overrides) again(failure string) bool {
	return slices.Contains(o.on, failure) || slices.Contains(o.on, "all")
}
