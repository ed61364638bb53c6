package sms

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sidetext/chat"
)

// longestNumber is how much is read of what should be a phone number, in bytes.
const longestNumber = 250

var (
	scientific = regexp.MustCompile(`^[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+$`)                                 // 4.15555E+09
	decimal    = regexp.MustCompile(`^(\+?\d{7,15})[.,]0{1,2}$`)                                          // 4155550123.0
	grouped    = regexp.MustCompile(`^\d{1,3}(?:,\d{3}){2,4}(?:\.0+)?$`)                                  // 4,155,550,123
	fax        = regexp.MustCompile(`(?i)(?:^|[^\pL])(?:tele)?fax(?:$|[^\pL])`)                           // a word
	extension  = regexp.MustCompile(`(?i)^[^\pL]*[#,;*]$|(?:^|[^\pL])(?:` + extensionWords + `)[^\pL]*$`) // before digits
)

const extensionWords = `x|ext|extn|exten|extension|extensión|poste|dw|durchwahl|klappe|int|interno|anexo|ramal|toestel`

// tidy makes one line of text that people and spreadsheets write for a number:
// digits and hyphens are ASCII, and what is invisible is gone.
func tidy(raw string) (string, error) {
	if len(raw) > longestNumber {
		return "", ErrNotWhole
	}
	text := strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\u2028':
			return '|' // may separate two numbers
		case unicode.IsSpace(r):
			return ' '
		case r >= '٠' && r <= '٩':
			return r - '٠' + '0'
		case r >= '۰' && r <= '۹':
			return r - '۰' + '0'
		case unicode.Is(unicode.Pd, r) || r == '−':
			return '-'
		case !unicode.IsGraphic(r): // marks that turn text round, of numbers copied from contacts
			return -1
		}
		return r
	}, norm.NFKC.String(raw))
	text = strings.Trim(text, " '’`\"=|")
	switch {
	case scientific.MatchString(text):
		return "", ErrShortened
	case strings.Contains(text, "@"):
		return "", ErrNotWhole
	case grouped.MatchString(text):
		whole, _, _ := strings.Cut(text, ".")
		return strings.ReplaceAll(whole, ",", ""), nil
	}
	return decimal.ReplaceAllString(text, "$1"), nil
}

// A run is digits with the signs that people write between the digits of one
// number.
type run struct {
	text   string
	digits int
	plus   bool
	before string // what stands between it and the run before, or the beginning

	letterBefore bool // a letter stands right before it, or only a hyphen between
	letterBehind bool
	wordBehind   bool // a letter comes before any other digit
}

// digitRuns finds all runs of a text.
func digitRuns(text string) (runs []run) {
	const joins = " -./()_·"
	all := []rune(text)
	end := 0 // of the run before
	for i := 0; i < len(all); {
		if !digit(all[i]) && all[i] != '+' && all[i] != '(' {
			i++
			continue
		}
		r, last := run{plus: all[i] == '+'}, i
		j := i
		for ; j < len(all) && (digit(all[j]) || strings.ContainsRune(joins, all[j]) || all[j] == '+' && r.digits == 0); j++ {
			if digit(all[j]) {
				r.digits++
				last = j + 1
			}
			r.plus = r.plus || all[j] == '+'
		}
		if r.digits == 0 {
			i = max(j, i+1)
			continue
		}
		r.text, r.before = string(all[i:last]), string(all[end:i])
		behind := strings.TrimLeft(string(all[last:]), "-._")
		r.letterBehind = startsWithLetter(behind)
		r.wordBehind = startsWithLetter(strings.TrimLeft(behind, joins))
		before := []rune(strings.TrimRight(r.before, "-._"))
		r.letterBefore = len(before) > 0 && unicode.IsLetter(before[len(before)-1])
		runs = append(runs, r)
		i, end = j, last
	}
	return runs
}

func digit(r rune) bool { return '0' <= r && r <= '9' }

func startsWithLetter(text string) bool {
	for _, r := range text {
		return unicode.IsLetter(r)
	}
	return false
}

// appended is a short last part that is set off from the digits before it.
var appended = regexp.MustCompile(`^(.*\d)( *[/.] *| +- *| *- +| *\( *)(\d{1,3})$`)

// loneDigit reports whether the last digit is set off: it is no part of a number,
// but tells two numbers apart that differ in it.
func (r run) loneDigit() bool {
	part := appended.FindStringSubmatch(r.text)
	return part != nil && len(part[3]) == 1 && len(onlyDigits(part[1])) >= 7
}

// phones returns the numbers that a run stands for: usually one. A slash
// separates two numbers if each side is one, else it belongs to the number, as
// in Austria: "0664/1234567". If a number is whole without its short last part,
// as in "0664 1234567/8", both readings are returned.
func (r run) phones(region string) (found []chat.Phone) {
	if parts := strings.Split(r.text, "/"); len(parts) > 1 {
		for _, part := range parts {
			found = append(found, read(part, region)...)
		}
		if len(found) >= len(parts) {
			return found
		}
	}
	found = read(strings.ReplaceAll(r.text, "/", " "), region)
	if part := appended.FindStringSubmatch(r.text); len(found) == 1 && part != nil && !group(part[1], part[2], part[3]) {
		for _, shorter := range read(strings.ReplaceAll(part[1], "/", " "), region) {
			if shorter != found[0] {
				found = append(found, shorter)
			}
		}
	}
	return found
}

// group reports whether the last digits are one group of several that the same
// sign separates, as in "0664.123.45.67".
func group(before, sign, last string) bool {
	sign = strings.TrimSpace(sign)
	i := strings.LastIndex(before, sign)
	return i >= 0 && len(last) > 1 && len(onlyDigits(before[i:])) <= 3
}
