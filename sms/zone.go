package sms

import (
	"slices"

	"github.com/nyaruka/phonenumbers"

	"sidetext/chat"
)

// TimeZone returns the time zone of a number's country and area code as an IANA name:
// "America/New_York". If there are several, it is the most populous one; if the number has
// no place, "UTC".
func TimeZone(phone chat.Phone) string {
	number, err := phonenumbers.Parse(string(phone), phonenumbers.UNKNOWN_REGION)
	if err != nil {
		return "UTC"
	}
	zones, err := phonenumbers.GetTimezonesForNumber(number)
	if err != nil || len(zones) == 0 || slices.Contains(zones, phonenumbers.UNKNOWN_TIMEZONE) {
		zones = nil
	}
	mostPopulous := mainZones[phonenumbers.GetRegionCodeForNumber(number)]
	switch {
	case len(zones) == 1:
		return zones[0]
	case mostPopulous != "" && (len(zones) == 0 || slices.Contains(zones, mostPopulous)):
		return mostPopulous
	case len(zones) > 0:
		return zones[0]
	}
	return "UTC"
}

// mainZones are the most populous time zones of the countries that have several.
var mainZones = map[string]string{
	"US": "America/New_York", "CA": "America/Toronto", "MX": "America/Mexico_City", "BR": "America/Sao_Paulo", "CL": "America/Santiago",
	"AR": "America/Argentina/Buenos_Aires", "EC": "America/Guayaquil", "GL": "America/Nuuk",
	"AU": "Australia/Sydney", "NZ": "Pacific/Auckland", "ID": "Asia/Jakarta", "RU": "Europe/Moscow", "KZ": "Asia/Almaty", "MN": "Asia/Ulaanbaatar", "CN": "Asia/Shanghai",
	"ES": "Europe/Madrid", "PT": "Europe/Lisbon", "DE": "Europe/Berlin", "GB": "Europe/London", "CD": "Africa/Kinshasa", "CY": "Asia/Nicosia", "UA": "Europe/Kyiv",
}
