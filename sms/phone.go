package sms

import (
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"sidetext/chat"
)

// Errors of Parse. Each may be shown to the person who entered the number.
var (
	ErrNotWhole   = &chat.Error{Kind: chat.KindInvalid, Code: "phone", Text: "This is not a whole phone number. Please write it like +1 415 555 0123."}
	ErrTwoNumbers = &chat.Error{Kind: chat.KindInvalid, Code: "phones", Text: "This is not clearly one phone number. Please give one, and nothing else with digits."}
	ErrLetters    = &chat.Error{Kind: chat.KindInvalid, Code: "phone_letters", Text: "Letters stand in place of digits in this phone number. Please write the digits."}
	ErrExtension  = &chat.Error{Kind: chat.KindInvalid, Code: "phone_extension", Text: "A number with an extension can't be texted."}
	ErrFax        = &chat.Error{Kind: chat.KindInvalid, Code: "phone_fax", Text: "A fax number can't be texted."}
	ErrShortened  = &chat.Error{Kind: chat.KindInvalid, Code: "phone_shortened", Text: "A spreadsheet has shortened this phone number. Please format its column as text and export it again."}
)

// Parse parses a phone number that a person wrote in a form or a file, and returns it in
// E.164 and in the notation by which shoppers are stored (see chat.Phone.Canonical). Region
// is the country of numbers without a country code, as in ISO 3166: "US"; if it is empty
// or unknown, the number must have one.
//
// Words around the number are ignored ("Cell 415-555-0123, call after 5"). Letters do not
// stand for digits, and what is not clearly one number is refused with one of the errors
// above.
//
// It is not for senders as named by a provider, which may be short codes or words; for
// these use Canonical.
func Parse(raw, region string) (chat.Phone, error) {
	text, err := cleanInput(raw)
	if err != nil {
		return "", err
	}
	region = strings.ToUpper(region)
	runs := digitRuns(text)
	var found []chat.Phone
	var rest []digitRun // runs that are no numbers
	for _, r := range runs {
		numbers := r.numbers(region)
		if len(numbers) == 0 {
			rest = append(rest, r)
		}
		for _, phone := range numbers {
			if !slices.Contains(found, phone) {
				found = append(found, phone)
			}
			if r.letterAfter && !strings.HasPrefix(string(phone), "+1") {
				return "", ErrLetters // numbers have no fixed length there, so letters may be part of it
			}
		}
	}
	if err := findAmbiguity(runs, rest, len(found)); err != nil {
		return "", err
	}
	if faxWord.MatchString(text) {
		return "", ErrFax
	}
	return found[0], nil
}

// findAmbiguity returns an error if runs, of which rest are no numbers, are not clearly one
// number.
func findAmbiguity(runs, rest []digitRun, found int) error {
	for i, r := range runs {
		if i > 0 && extension.MatchString(r.before) && r.digits <= 6 && !r.plus {
			return ErrExtension
		}
		if i > 0 && r.letterBefore && runs[i-1].letterAfter {
			return ErrLetters
		}
	}
	switch {
	case found > 1 || slices.ContainsFunc(runs, digitRun.loneDigit):
		return ErrTwoNumbers
	case found == 0 && len(runs) == 1 && !runs[0].letterAfter && runs[0].digits > 15:
		return ErrTwoNumbers
	case found == 0:
		if slices.ContainsFunc(runs, func(r digitRun) bool { return r.letterAfter || r.wordAfter }) {
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

// parseNumber returns the number that text, which has digits and signs only, stands for in
// a region, or two if it is ambiguous.
func parseNumber(text, region string) []chat.Phone {
	for _, variant := range prefixVariants(text) {
		number, err := phonenumbers.ParseAndKeepRawInput(variant, region)
		if err != nil || number.GetExtension() != "" {
			continue
		}
		national := phonenumbers.GetNationalSignificantNumber(number)
		own := number.GetCountryCodeSource() == phonenumbers.PhoneNumber_FROM_DEFAULT_COUNTRY
		if own && number.GetCountryCode() == 52 && len(national) == 11 && national[0] == '1' {
			continue // "1 415 555 0123" in Mexico: the 1 is an old prefix after +52 only
		}
		code := strings.TrimSuffix(phonenumbers.Format(number, phonenumbers.E164), national)
		nationals := []string{national}
		if !own && code != "+1" {
			// Some write the national prefix 0 after the country code.
			nationals = append(nationals, strings.TrimPrefix(national, "0"))
		}
		for _, national := range nationals {
			phone := chat.Phone(code + national).Canonical()
			if !isValid(phone) {
				continue
			}
			if own && !isMobile(phone) {
				return withCountryCode(variant, code, phone)
			}
			return []chat.Phone{phone}
		}
	}
	return nil
}

// usualLength is the most digits that numbers usually have without the country code.
const usualLength = 10

// withCountryCode returns what text stands for if it may begin with the region's own
// country code, without a plus sign. National is the number if it does not: where numbers
// have no fixed length, both may be valid. A mobile number after the code is more likely
// than a very long landline number.
func withCountryCode(text, code string, national chat.Phone) []chat.Phone {
	digits := onlyDigits(text)
	international := chat.Phone("+" + digits).Canonical()
	switch {
	case !strings.HasPrefix("+"+digits, code) || !isValid(international) || !isMobile(international):
		return []chat.Phone{national}
	case len(digits) > usualLength:
		return []chat.Phone{international}
	}
	return []chat.Phone{national, international}
}

// isValid reports whether a phone is a valid number of its country and canonical.
func isValid(phone chat.Phone) bool {
	number, err := phonenumbers.Parse(string(phone), phonenumbers.UNKNOWN_REGION)
	return err == nil && phone.Reachable() && phonenumbers.IsValidNumber(number) &&
		chat.Phone(phonenumbers.Format(number, phonenumbers.E164)).Canonical() == phone
}

// isMobile reports whether a valid phone may be a mobile one.
func isMobile(phone chat.Phone) bool {
	number, err := phonenumbers.Parse(string(phone), phonenumbers.UNKNOWN_REGION)
	if err != nil {
		return false
	}
	kind := phonenumbers.GetNumberType(number)
	return kind == phonenumbers.MOBILE || kind == phonenumbers.FIXED_LINE_OR_MOBILE
}

func onlyDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if !isDigit(r) {
			return -1
		}
		return r
	}, text)
}

// prefixVariants returns the ways to parse a number, the most likely first: as it is, and
// with an international call prefix of another region replaced by a plus sign.
func prefixVariants(text string) []string {
	digits := onlyDigits(text)
	all := []string{text}
	if abroad, ok := strings.CutPrefix(digits, "00"); ok {
		all = append(all, "+"+abroad)
	} else if abroad, ok := strings.CutPrefix(digits, "011"); ok && len(abroad) > 10 {
		all = append(all, "+"+abroad)
	}
	return all
}

// FormatPhone returns a phone as people read it: "+1 415 555 0123". Anything that is not a
// number in E.164 is returned as it is.
func FormatPhone(phone chat.Phone) string {
	if !phone.Reachable() {
		return string(phone)
	}
	number, err := phonenumbers.Parse(string(phone), phonenumbers.UNKNOWN_REGION)
	if err != nil {
		return string(phone)
	}
	return strings.ReplaceAll(phonenumbers.Format(number, phonenumbers.INTERNATIONAL), "-", " ")
}
