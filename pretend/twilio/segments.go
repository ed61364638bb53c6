package twilio

import (
	"strings"
	"unicode"
	"unicode/utf16"
)

const (
	basic    = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	extended = "\f^{}\\[~]|€"
)

// segments returns the number of segments of a text: 160 or 153 septets each if GSM 03.38
// can encode it, else 70 or 67 UTF-16 units. Characters as a reader sees them are not
// split.
func segments(text string) int {
	whole, part, widths := 160, 153, []int{}
	for _, r := range text {
		widths = append(widths, septets(r))
	}
	if strings.ContainsFunc(text, func(r rune) bool { return septets(r) == 0 }) {
		whole, part, widths = 70, 67, characters(text)
	}
	total, parts, used := 0, 1, 0
	for _, n := range widths {
		total += n
		if used+n > part && used > 0 {
			parts, used = parts+1, 0
		}
		for used += n; used > part; used -= part {
			parts++
		}
	}
	if total <= whole {
		return 1
	}
	return parts
}

// characters returns the UTF-16 lengths of the characters of a text as a reader sees
// them: letters with their marks, emoji with their skin tone and joined emoji, flags
// with both letters.
func characters(text string) (widths []int) {
	const joiner = '\u200d'
	var last rune
	flags := 0 // regional indicators just before
	for _, r := range text {
		isFlag := r >= 0x1F1E6 && r <= 0x1F1FF
		follows := unicode.In(r, unicode.Mn, unicode.Me, unicode.Mc) || r == joiner ||
			r >= 0x1F3FB && r <= 0x1F3FF || r >= 0xE0020 && r <= 0xE007F ||
			last == joiner && r >= 0x2190 || isFlag && flags%2 == 1
		if follows && len(widths) > 0 && last >= ' ' {
			widths[len(widths)-1] += utf16.RuneLen(r)
		} else {
			widths = append(widths, utf16.RuneLen(r))
		}
		if isFlag {
			flags++
		} else {
			flags = 0
		}
		last = r
	}
	return widths
}

func septets(r rune) int {
	switch {
	case strings.ContainsRune(basic, r):
		return 1
	case strings.ContainsRune(extended, r):
		return 2
	}
	return 0
}
