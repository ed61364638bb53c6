package sms_test

import (
	"testing"

	"sidetext/chat"
	"sidetext/sms"
)

func TestCountry(t *testing.T) {
	t.Parallel()
	for phone, want := range map[chat.Phone]string{
		"+13125550101": "US", "+17875550142": "PR", "+16045550199": "CA", "+18765550123": "JM", "+18005550123": "US", "+18335550123": "US",
		"+447400123456": "GB", "+61412345678": "AU", "+525512345678": "MX", "+5491123456789": "AR",
		"+15005550006":  "US", // of Twilio's for tests: no area code
		"+881612345678": "", "72345": "", "WILLOW": "", "": "", "+99999999999": "",
	} {
		if got := sms.Country(phone); got != want {
			t.Errorf("%q is in %q, want %q", string(phone), got, want)
		}
	}
}
