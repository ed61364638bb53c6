package sms

import (
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"sidetext/chat"
)

// Why Parse refuses what it was given. Each may be shown.
var (
	ErrNotWhole   = &chat.Error{Kind: chat.KindInvalid, Code: "phone", Text: "This is not a whole phone number. Please write it like +1 415 555 0123."}
	ErrTwoNumbers = &chat.Error{Kind: chat.KindInvalid, Code: "phones", Text: "This is not clearly one phone number. Please give one, and nothing else with digits."}
	ErrLetters    = &chat.Error{Kind: chat.KindInvalid, Code: "phone_letters", Text: "Letters stand in place of digits in this phone number. Please write the digits."}
	ErrExtension  = &chat.Error{Kind: chat.KindInvalid, Code: "phone_extension", Text: "A number with an extension can't be texted."}
	ErrFax        = &chat.Error{Kind: chat.KindInvalid, Code: "phone_fax", Text: "A fax number can't be texted."}
	ErrShortened  = &chat.Error{Kind: chat.KindInvalid, Code: "phone_shortened", Text: "A spreadsheet has shortened this phone number. Please format its column as text and export it again."}
)

// Parse reads a number that a person wrote, in a form or a file, and returns it
// in E.164, in the one notation under which a shopper is kept (see
// chat.Phone.Canonical). Region is the country that a number without one is
// taken for, as in ISO 3166: "US"; if it is empty, the number must have one.
//
// Words before and behind the number are skipped ("Cell 415-555-0123, call
// after 5"). Letters are never dialled, and what is not clearly one number is
// refused: the error is one of those above.
//
// It is not for what a provider names as a sender: that may be a short code or
// a word, and only takes Canonical.
func Parse(raw, region string) (chat.Phone, error) {
	text, err := tidy(raw)
	if err != nil {
		return "", err
	}
	runs := digitRuns(text)
	var found []chat.Phone
	var rest []run // that are no numbers
	for _, r := range runs {
		phones := r.phones(region)
		if len(phones) == 0 {
			rest = append(rest, r)
		}
		for _, phone := range phones {
			if !slices.Contains(found, phone) {
				found = append(found, phone)
			}
			if r.letterBehind && !strings.HasPrefix(string(phone), "+1") {
				return "", ErrLetters // where numbers have no fixed length, they may be part of it
			}
		}
	}
	if err := unclear(runs, rest, len(found)); err != nil {
		return "", err
	}
	if fax.MatchString(text) {
		return "", ErrFax
	}
	return found[0], nil
}

// unclear says why runs of digits, of which rest are no numbers, are not clearly
// one number.
func unclear(runs, rest []run, found int) error {
	for i, r := range runs {
		if i > 0 && extension.MatchString(r.before) && r.digits <= 6 && !r.plus {
			return ErrExtension
		}
		if i > 0 && r.letterBefore && runs[i-1].letterBehind {
			return ErrLetters
		}
	}
	switch {
	case found > 1 || slices.ContainsFunc(runs, run.loneDigit):
		return ErrTwoNumbers
	case found == 0 && len(runs) == 1 && !runs[0].letterBehind && runs[0].digits > 15:
		return ErrTwoNumbers
	case found == 0:
		if slices.ContainsFunc(runs, func(r run) bool { return r.letterBehind || r.wordBehind }) {
			return ErrLetters
		}
		return ErrNotWhole
	}
	for _, r := range rest {
		if r.plus || r.digits > 3 {
			return ErrTwoNumbers
		}
	}
	return nil
}

// read returns the number that text, which has digits and signs only, stands
// for in a region, or the two that it may equally stand for.
func read(text, region string) []chat.Phone {
	for _, variant := range variants(text) {
		number, err := phonenumbers.ParseAndKeepRawInput(variant, region)
		if err != nil || number.GetExtension() != "" {
			continue
		}
		national := phonenumbers.GetNationalSignificantNumber(number)
		own := number.GetCountryCodeSource() == phonenumbers.PhoneNumber_FROM_DEFAULT_COUNTRY
		if own && number.GetCountryCode() == 52 && len(national) == 11 && national[0] == '1' {
			continue // "1 415 555 0123" in Mexico: only behind +52 is a 1 an old prefix
		}
		code := strings.TrimSuffix(phonenumbers.Format(number, phonenumbers.E164), national)
		nationals := []string{national}
		if !own && code != "+1" {
			// Some write the 0 that is dialled inside a country behind its code.
			nationals = append(nationals, strings.TrimPrefix(national, "0"))
		}
		for _, national := range nationals {
			phone := chat.Phone(code + national).Canonical()
			if !valid(phone) {
				continue
			}
			if own && !mobile(phone) {
				return withoutPlus(variant, code, phone)
			}
			return []chat.Phone{phone}
		}
	}
	return nil
}

// usualLength is how many digits a number has at most in its country, as a rule.
const usualLength = 10

// withoutPlus returns what text stands for if it begins with the region's own
// country code without a plus sign. National is the number if it does not: where
// numbers have no fixed length, both may be valid. A mobile phone behind the code
// is likelier than a very long number of a fixed line.
func withoutPlus(text, code string, national chat.Phone) []chat.Phone {
	digits := onlyDigits(text)
	abroad := chat.Phone("+" + digits).Canonical()
	switch {
	case !strings.HasPrefix("+"+digits, code) || !valid(abroad) || !mobile(abroad):
		return []chat.Phone{national}
	case len(digits) > usualLength:
		return []chat.Phone{abroad}
	}
	return []chat.Phone{national, abroad}
}

// valid reports whether a phone is a number of its country that reads as itself.
func valid(phone chat.Phone) bool {
	number, err := phonenumbers.Parse(string(phone), phonenumbers.UNKNOWN_REGION)
	return err == nil && phone.Reachable() && phonenumbers.IsValidNumber(number) &&
		chat.Phone(phonenumbers.Format(number, phonenumbers.E164)).Canonical() == phone
}

// mobile reports whether a valid phone may be a mobile one.
func mobile(phone chat.Phone) bool {
	number, err := phonenumbers.Parse(string(phone), phonenumbers.UNKNOWN_REGION)
	if err != nil {
		return false
	}
	kind := phonenumbers.GetNumberType(number)
	return kind == phonenumbers.MOBILE || kind == phonenumbers.FIXED_LINE_OR_MOBILE
}

func onlyDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if !digit(r) {
			return -1
		}
		return r
	}, text)
}

// variants are ways to read a number, the likeliest first: as it is, and with
// the prefix of a call abroad that is dialled elsewhere than in the region.
func variants(text string) []string {
	digits := onlyDigits(text)
	all := []string{text}
	if abroad, ok := strings.CutPrefix(digits, "00"); ok {
		all = append(all, "+"+abroad)
	} else if abroad, ok := strings.CutPrefix(digits, "011"); ok && len(abroad) > 10 {
		all = append(all, "+"+abroad)
	}
	return all
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
