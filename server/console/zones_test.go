package console

import (
	"testing"
	"time"
)

// TestTimeZones: the binary knows every time zone in the list without files.
func TestTimeZones(t *testing.T) {
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
}
