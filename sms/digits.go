package sms

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sidetext/chat"
)

// maxInput is the most bytes that may be a phone number.
const maxInput = 250

var (
	scientific = regexp.MustCompile(`^[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+$`)                                 // 4.15555E+09
	decimal    = regexp.MustCompile(`^(\+?\d{7,15})[.,]0{1,2}$`)                                          // 4155550123.0
	grouped    = regexp.MustCompile(`^\d{1,3}(?:,\d{3}){2,4}(?:\.0+)?$`)                                  // 4,155,550,123
	faxWord    = regexp.MustCompile(`(?i)(?:^|[^\pL])(?:tele)?fax(?:$|[^\pL])`)                           // a word
	extension  = regexp.MustCompile(`(?i)^[^\pL]*[#,;*]$|(?:^|[^\pL])(?:` + extensionWords + `)[^\pL]*$`) // before digits
)

const extensionWords = `x|ext|extn|exten|extension|extensión|poste|dw|durchwahl|klappe|int|interno|anexo|ramal|toestel`

// cleanInput returns what people and spreadsheets write for a number as one line, with
// digits and hyphens in ASCII and without invisible characters.
func cleanInput(raw string) (string, error) {
	if len(raw) > maxInput {
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
		case !unicode.IsGraphic(r): // direction marks in numbers copied from contacts
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

// A digitRun is a sequence of digits with the signs that people write between the digits
// of one number.
type digitRun struct {
	text   string
	digits int
	plus   bool
	before string // the text between the previous run, or the beginning, and this one

	letterBefore bool // a letter stands directly before it, or with a hyphen between
	letterAfter  bool
	wordAfter    bool // a letter follows before any other digit
}

// digitRuns returns all runs of a text.
func digitRuns(text string) (runs []digitRun) {
	const separators = " -./()_·" // within a number
	all := []rune(text)
	end := 0 // of the previous run
	for i := 0; i < len(all); {
		if !isDigit(all[i]) && all[i] != '+' && all[i] != '(' {
			i++
			continue
		}
		r, last := digitRun{plus: all[i] == '+'}, i
		j := i
		for ; j < len(all) && (isDigit(all[j]) || strings.ContainsRune(separators, all[j]) || all[j] == '+' && r.digits == 0); j++ {
			if isDigit(all[j]) {
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
		after := strings.TrimLeft(string(all[last:]), "-._")
		r.letterAfter = startsWithLetter(after)
		r.wordAfter = startsWithLetter(strings.TrimLeft(after, separators))
		before := []rune(strings.TrimRight(r.before, "-._"))
		r.letterBefore = len(before) > 0 && unicode.IsLetter(before[len(before)-1])
		runs = append(runs, r)
		i, end = j, last
	}
	return runs
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

func startsWithLetter(text string) bool {
	for _, r := range text {
		return unicode.IsLetter(r)
	}
	return false
}

// shortLastPart matches a short last part that is separated from the digits before it.
var shortLastPart = regexp.MustCompile(`^(.*\d)( *[/.] *| +- *| *- +| *\( *)(\d{1,3})$`)

// loneDigit reports whether the last digit is separated. Then it is no part of the number,
// but stands for a second one that differs in its last digit.
func (r digitRun) loneDigit() bool {
	part := shortLastPart.FindStringSubmatch(r.text)
	return part != nil && len(part[3]) == 1 && len(onlyDigits(part[1])) >= 7
}

// numbers returns the phone numbers that a run may stand for: usually one. A slash
// separates two numbers if each side is one, else it belongs to the number, as in Austria:
// "0664/1234567". If a number is complete without its short last part, as in "0664
// 1234567/8", both are returned.
func (r digitRun) numbers(region string) (found []chat.Phone) {
	if parts := strings.Split(r.text, "/"); len(parts) > 1 {
		for _, part := range parts {
			found = append(found, parseNumber(part, region)...)
		}
		if len(found) >= len(parts) {
			return found
		}
	}
	found = parseNumber(strings.ReplaceAll(r.text, "/", " "), region)
	if part := shortLastPart.FindStringSubmatch(r.text); len(found) == 1 && part != nil && !isGroup(part[1], part[2], part[3]) {
		for _, shorter := range parseNumber(strings.ReplaceAll(part[1], "/", " "), region) {
			if shorter != found[0] {
				found = append(found, shorter)
			}
		}
	}
	return found
}

// isGroup reports whether the last digits are one of several groups separated by the same
// sign, as in "0664.123.45.67".
func isGroup(before, sign, last string) bool {
	sign = strings.TrimSpace(sign)
	i := strings.LastIndex(before, sign)
	return i >= 0 && len(last) > 1 && len(onlyDigits(before[i:])) <= 3
}
