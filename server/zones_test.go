package main

import (
	"testing"
	"time"
)

// Every time zone in the list is one that the binary knows by itself.
func TestZones(t *testing.T) {
	t.Parallel()
	if len(zones) < 400 {
		t.Fatalf("%d time zones", len(zones))
	}
	for _, name := range zones {
		if _, err := time.LoadLocation(name); err != nil {
			t.Error(err)
		}
	}
	listed := 0
	for _, g := range zoneGroups {
		listed += len(g.Zones)
	}
	if listed != len(zones) {
		t.Errorf("%d of %d time zones are in a group", listed, len(zones))
	}
	for _, test := range []struct{ chosen, want string }{
		{"Europe/Vienna", "Europe/Vienna"}, {"", "America/Los_Angeles"}, {"Mars/Olympus", "America/Los_Angeles"},
	} {
		if got := zone(test.chosen, "+14155550100").String(); got != test.want {
			t.Errorf("%q: the shop's times are of %s, want %s", test.chosen, got, test.want)
		}
	}
	if got := zone("", "12345").String(); got != "UTC" {
		t.Errorf("a short code: %s", got)
	}
}
