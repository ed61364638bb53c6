package sms

import (
	"strings"

	"github.com/nyaruka/phonenumbers"

	"sidetext/chat"
)

// Parse reads a number that a person wrote, in a form or a file, and returns it
// in E.164. Region is the country that a number without one is taken for, as in
// ISO 3166: "US". An error is a *chat.Error and may be shown.
//
// It is not for what a provider names as a sender: that may be a short code or
// a word, and is kept as it came.
func Parse(raw, region string) (chat.Phone, error) {
	number, err := phonenumbers.Parse(strings.TrimSpace(raw), region)
	if err != nil || !phonenumbers.IsValidNumber(number) {
		return "", chat.Invalid("This is not a whole phone number. Please write it like +1 415 555 0123.")
	}
	if number.GetExtension() != "" {
		return "", chat.Invalid("A number with an extension can't be texted.")
	}
	phone := chat.Phone(phonenumbers.Format(number, phonenumbers.E164))
	if !phone.Reachable() {
		return "", chat.Invalid("This number can't be texted.")
	}
	return phone, nil
}

// Show is the phone as people read it: "+1 415 555 0123". What is not a number
// in E.164 is shown as it is.
func Show(phone chat.Phone) string {
	if !phone.Reachable() {
		return string(phone)
	}
	number, err := phonenumbers.Parse(string(phone), phonenumbers.UNKNOWN_REGION)
	if err != nil {
		return string(phone)
	}
	return strings.ReplaceAll(phonenumbers.Format(number, phonenumbers.INTERNATIONAL), "-", " ")
}
