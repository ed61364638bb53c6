package sms

import (
	"github.com/nyaruka/phonenumbers"

	"sidetext/chat"
)

// Country returns the country of a number, as in ISO 3166: "US", or "" if it has none.
// Numbers that begin with +1 are told apart by their area code.
func Country(phone chat.Phone) string {
	number, err := phonenumbers.Parse(string(phone), phonenumbers.UNKNOWN_REGION)
	if err != nil {
		return ""
	}
	region := phonenumbers.GetRegionCodeForNumber(number)
	if region == "" || region == nonGeographic || region == phonenumbers.UNKNOWN_REGION {
		region = phonenumbers.GetRegionCodeForCountryCode(int(number.GetCountryCode()))
	}
	if region == nonGeographic || region == phonenumbers.UNKNOWN_REGION {
		return ""
	}
	return region
}

// nonGeographic is the region of numbers that belong to no country, as of satellite phones.
const nonGeographic = "001"
