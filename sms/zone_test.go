package sms_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"sidetext/chat"
	"sidetext/sms"
)

func TestTimeZone(t *testing.T) {
	t.Parallel()
	for phone, want := range map[chat.Phone]string{
		"+12125550123":   "America/New_York",
		"+14155550123":   "America/Los_Angeles",
		"+13125550123":   "America/Chicago",
		"+13035550123":   "America/Denver",
		"+16025550123":   "America/Phoenix",
		"+18085550123":   "Pacific/Honolulu",
		"+18005550123":   "America/New_York", // toll-free
		"+18885550123":   "America/New_York",
		"+16045550123":   "America/Vancouver",
		"+14165550123":   "America/Toronto",
		"+442071234567":  "Europe/London",
		"+447400123456":  "Europe/London",
		"+436641234567":  "Europe/Vienna",
		"+4915112345678": "Europe/Berlin",
		"+61412345678":   "Australia/Sydney",
		"+525512345678":  "America/Mexico_City",
		"12345":          "UTC", // a short code
		"WILLOW":         "UTC",
		"":               "UTC",
	} {
		got := sms.TimeZone(phone)
		if _, err := time.LoadLocation(got); err != nil || got != want {
			t.Errorf("%s is in %q (%v), want %q", phone, got, err, want)
		}
	}
}
