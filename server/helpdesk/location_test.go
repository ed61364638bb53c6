package helpdesk

import "testing"

func TestLocation(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ chosen, want string }{
		{"Europe/Vienna", "Europe/Vienna"}, {"", "America/Los_Angeles"}, {"Mars/Olympus", "America/Los_Angeles"},
	} {
		if got := location(test.chosen, "+14155550100").String(); got != test.want {
			t.Errorf("%q: the shop's times are of %s, want %s", test.chosen, got, test.want)
		}
	}
	if got := location("", "12345").String(); got != "UTC" {
		t.Errorf("a short code: %s", got)
	}
}
