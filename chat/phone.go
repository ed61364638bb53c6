package chat

import "strings"

// Canonical returns the notation under which a shopper is stored, so that two
// notations of one phone are one shopper. It changes E.164 numbers of countries
// that have had two notations for the same mobile phone:
//
//   - Mexico: "+52 1 55 1234 5678", used until 2019, and the domestic prefixes
//     01, 02, 044 and 045 behind +52, become "+52 55 1234 5678";
//   - Argentina: "+54 11 2345 6789" becomes "+54 9 11 2345 6789". A number belongs
//     either to a mobile phone or to a fixed line, and only mobile phones text;
//   - Brazil: a mobile number with eight digits behind the area code, used until
//     2016, gets the ninth: "+55 11 8765 4321" becomes "+55 11 98765 4321".
//
// It returns everything else unchanged, also short codes and alphanumeric senders.
func (p Phone) Canonical() Phone {
	if !p.Reachable() {
		return p
	}
	switch s := string(p); {
	case strings.HasPrefix(s, "+52"):
		for _, old := range []string{"1", "01", "02", "044", "045"} {
			if rest, ok := strings.CutPrefix(s[3:], old); ok && len(rest) == 10 && rest[0] != '0' {
				return Phone("+52" + rest)
			}
		}
	case strings.HasPrefix(s, "+54") && len(s) == 13 && '1' <= s[3] && s[3] <= '3':
		return Phone("+549" + s[3:])
	case strings.HasPrefix(s, "+55") && len(s) == 13 && '6' <= s[5] && s[5] <= '9':
		return Phone(s[:5] + "9" + s[5:])
	}
	return p
}
