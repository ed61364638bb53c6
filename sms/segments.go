package sms

import "strings"

// An Encoding is how the characters of a text are transmitted.
type Encoding string

const (
	GSM7 Encoding = "GSM-7" // units are septets
	UCS2 Encoding = "UCS-2" // units are UTF-16 code units
)

// Segments says how a text is transmitted. Carriers bill and limit by part.
type Segments struct {
	Encoding Encoding
	Units    int // of the whole text, see Encoding
	Parts    int // 1 for an empty text, which should not be sent
	Left     int // units that still fit into the last part
}

// The default alphabet of 3GPP TS 23.038, and its extension table, whose characters take
// two septets.
const (
	basicChars = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	escapedChars = "\f^{}\\[~]|€"
)

// capacity is the number of units in a text of one part, and in each of several parts,
// which begin with a header of six bytes.
var capacity = map[Encoding]struct{ single, part int }{
	GSM7: {160, 153},
	UCS2: {70, 67},
}

// Count returns the segments of a text, as Twilio's own calculator counts them (npm:
// sms-segments-calculator). One character outside of GSM-7 makes the whole text UCS-2. A
// grapheme cluster, such as the emoji of a flag or a family, is not split: it moves to the
// next part and leaves units unused. Only a cluster that is longer than a part is split.
// Line ends are counted as they are: "\r\n" is two.
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
	single, part := capacity[encoding].single, capacity[encoding].part
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

// septets returns how many septets a character takes in GSM-7, or 0 if it is not in it.
func septets(r rune) int {
	switch {
	case r >= 'a' && r <= 'z':
		return 1
	case strings.ContainsRune(basicChars, r):
		return 1
	case strings.ContainsRune(escapedChars, r):
		return 2
	}
	return 0
}
