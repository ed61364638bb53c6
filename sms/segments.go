package sms

import "strings"

// An Encoding is how a text is written on the air.
type Encoding string

const (
	GSM7 Encoding = "GSM-7" // units are septets
	UCS2 Encoding = "UCS-2" // units are UTF-16 code units
)

// Segments is what a text takes on the air. Carriers bill, and limit, by part.
type Segments struct {
	Encoding Encoding
	Units    int // the whole text, see Encoding
	Parts    int // an empty text counts as one; it should not be sent
	Left     int // units that still fit into the last part
}

// The default alphabet of 3GPP TS 23.038, and the table that an escape opens,
// whose characters take two septets.
const (
	basic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	escaped = "\f^{}\\[~]|€"
)

// A text that fits a single part has the whole of it. Once it is split, each
// part gives up six bytes to say which one it is.
var room = map[Encoding]struct{ single, part int }{
	GSM7: {160, 153},
	UCS2: {70, 67},
}

// Count says what a text takes on the air, as Twilio's own calculator does (npm:
// sms-segments-calculator). One character outside of GSM-7 turns the whole text
// into UCS-2. What a reader takes for one character, such as a flag or a family,
// is not cut between parts: it moves on and leaves its part with room unused. A
// cluster that no part can hold is cut all the same. Line ends are counted as
// they are: "\r\n" is two.
func Count(text string) Segments {
	encoding, widths := GSM7, make([]int, 0, len(text))
	for _, r := range text {
		widths = append(widths, septets(r))
		if septets(r) == 0 {
			encoding, widths = UCS2, graphemeWidths(text)
			break
		}
	}
	s := Segments{Encoding: encoding, Parts: 1}
	single, part := room[encoding].single, room[encoding].part
	used := 0 // of the last part, if the text has to be split
	for _, n := range widths {
		s.Units += n
		if used+n > part && used > 0 {
			s.Parts++
			used = 0
		}
		used += n
		for ; used > part; used -= part {
			s.Parts++
		}
	}
	if s.Units <= single {
		s.Parts, s.Left = 1, single-s.Units
		return s
	}
	s.Left = part - used
	return s
}

// septets is how many a character takes in GSM-7, 0 if it has no place there.
func septets(r rune) int {
	switch {
	case r >= 'a' && r <= 'z':
		return 1
	case strings.ContainsRune(basic, r):
		return 1
	case strings.ContainsRune(escaped, r):
		return 2
	}
	return 0
}
