package hooks

import "testing"

// TestZoneOf: an unknown zone, and one that is not a zone, are left out.
func TestZoneOf(t *testing.T) {
	t.Parallel()
	for want, names := range map[string][]string{
		"America/New_York": {"America/New_York", "Europe/Berlin", ""},
		"Europe/Berlin":    {"", "Europe/Berlin", "America/New_York"},
		"America/Chicago":  {"../../etc/passwd", "Nowhere/Town", "America/Chicago"},
		"UTC":              {"", "", ""},
	} {
		if got := zoneOf(names...).String(); got != want {
			t.Errorf("%q: got %s, want %s", names, got, want)
		}
	}
}
