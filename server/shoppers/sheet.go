package shoppers

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"sidetext/chat"
)

const (
	// HeadSize is how many bytes of a file hold the line that names the columns.
	HeadSize = 16 << 10
	// maxRecord is how long a row may be, in bytes. A quotation mark that is
	// never closed ends there. A piece holds more, even in UTF-16.
	maxRecord = 24 << 10
)

// A Sheet is what the beginning of a CSV file says about all of it: how its text
// is encoded, what separates its columns and what they hold. With it each piece of
// the file can be read alone.
type Sheet struct {
	order   binary.ByteOrder // of UTF-16; nil: one byte for each ASCII character
	legacy  *charmap.Charmap // of what is no UTF-8
	comma   byte
	columns columns
	region  string // of numbers without a country code
	begin   int    // where the rows begin, in bytes
	lines   int    // how many lines there are before
}

// OpenSheet reads head, the first bytes of a file: at most HeadSize. whole says that
// they are all of it, and region is the country of numbers without a country code.
// An error is a *chat.Error.
func OpenSheet(head []byte, whole bool, region string) (*Sheet, error) {
	s := &Sheet{legacy: charmap.Windows1252, region: region}
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		return nil, chat.Invalid("This is a workbook of a spreadsheet. Please save it as “CSV UTF-8” and try again.")
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		s.begin = 3
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		s.begin, s.order = 2, binary.LittleEndian
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		s.begin, s.order = 2, binary.BigEndian
	case len(head) > 1 && head[0] != 0 && head[1] == 0:
		s.order = binary.LittleEndian
	case len(head) > 1 && head[0] == 0 && head[1] != 0:
		s.order = binary.BigEndian
	}
	text := s.decode(head[s.begin:])
	if strings.ContainsRune(text, 0) {
		return nil, chat.Invalid("This is not a plain CSV file. Please save it as “CSV UTF-8” and try again.")
	}
	if strings.Contains(text, "\r") && !strings.Contains(text, "\n") {
		s.legacy = charmap.Macintosh // which ends lines so
	}
	start := len(text) - len(strings.TrimLeft(text, "\r\n"))
	if mark, n := separatorLine(text[start:]); n > 0 {
		s.comma = mark
		start += n
		start += len(text[start:]) - len(strings.TrimLeft(text[start:], "\r\n"))
	}
	if s.comma == 0 {
		s.comma = separator(text[start:])
	}
	header := s.record(text[start:], whole)
	switch {
	case text[start:] == "":
		return nil, chat.Invalid("The file is empty.")
	case header.broken != "":
		return nil, chat.Invalid("The file's first line can't be read. It should name the columns: phone, name, email.")
	case header.size == 0:
		return nil, chat.Invalid("The file's first line is too long. It should name the columns: phone, name, email.")
	}
	start += header.size
	s.begin += s.width(text[:start])
	s.lines = lineEnds(text[:start])
	for i, title := range header.fields {
		header.fields[i] = s.field(title)
	}
	var err error
	s.columns, err = findColumns(header.fields)
	return s, err
}

// separatorLine reads the line "sep=;" with which some spreadsheets begin a file.
// It returns the separator, and how long the line is with its end.
func separatorLine(text string) (mark byte, size int) {
	end := strings.IndexAny(text, "\r\n")
	if end < 0 {
		end = len(text)
	}
	line := strings.Trim(text[:end], "\" \t")
	if strings.HasPrefix(text[:end], "sep=\t") {
		line = "sep=\t"
	}
	if len(line) < 5 || !strings.EqualFold(line[:4], "sep=") || strings.Trim(line[5:], ",;\t") != "" {
		return 0, 0
	}
	if rest := text[end:]; strings.HasPrefix(rest, "\r\n") {
		end++
	}
	return line[4], min(end+1, len(text))
}

// separator finds what separates a header's columns: programs in half of Europe
// write semicolons, and spreadsheets copy tabs.
func separator(text string) byte {
	counts, quoted := map[byte]int{}, false
	for _, c := range []byte(text) {
		if c == '"' {
			quoted = !quoted
		}
		if (c == '\n' || c == '\r') && !quoted {
			break
		}
		if !quoted {
			counts[c]++
		}
	}
	best := byte(',')
	for _, c := range []byte(";\t|") {
		if counts[c] > counts[best] {
			best = c
		}
	}
	return best
}

// decode makes text of a piece. What is not UTF-16 stays as it is: fields are
// decoded one by one (see field).
func (s *Sheet) decode(piece []byte) string {
	if s.order == nil {
		return string(piece)
	}
	units := make([]uint16, len(piece)/2)
	for i := range units {
		units[i] = s.order.Uint16(piece[2*i:])
	}
	return string(utf16.Decode(units))
}

// width is how many bytes text, decoded from the file, takes there.
func (s *Sheet) width(text string) (n int) {
	if s.order == nil {
		return len(text)
	}
	for _, r := range text {
		n += 2 * utf16.RuneLen(r)
	}
	return n
}

// field decodes one field. A file may hold fields of older programs.
func (s *Sheet) field(raw string) string {
	if utf8.ValidString(raw) {
		return raw
	}
	text, err := s.legacy.NewDecoder().String(raw)
	if err != nil {
		return strings.ToValidUTF8(raw, "")
	}
	return text
}

// cleanField returns a field as one line, without invisible characters.
func cleanField(field string) string {
	field = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsGraphic(r): // controls and bidi marks
			return -1
		}
		return r
	}, field)
	return strings.Join(strings.Fields(field), " ")
}

// cut shortens text to at most n bytes, between characters.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return strings.TrimSpace(text[:n])
}

// isBlank reports whether a row holds nothing.
func isBlank(row []string) bool {
	return !slices.ContainsFunc(row, func(field string) bool { return strings.TrimSpace(field) != "" })
}
