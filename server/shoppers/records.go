package shoppers

import "strings"

// A record is one row of a CSV file, as RFC 4180 has them: fields may be in
// quotation marks, and then hold separators, line ends and, doubled, quotation
// marks. A line ends with LF, CRLF or CR.
type record struct {
	fields []string
	size   int    // in bytes, with the line end; 0: its end is not in the text yet
	broken string // why it can't be read, or empty
}

const (
	badQuotes = "The quotation marks don't match."
	tooLong   = "This row is too long. Maybe a quotation mark is missing."
)

// record reads the record that text begins with; whole says that nothing comes
// after text. One that can't be read is as long as its first line: what comes
// after that is read anew.
func (s *Sheet) record(text string, whole bool) (r record) {
	limit := min(len(text), maxRecord)
	for i := 0; ; {
		field, end, broken := s.nextField(text[i:limit])
		if broken {
			return firstLine(text, whole, badQuotes)
		}
		i += end
		switch {
		case i == limit && limit < len(text): // longer than a record may be
			return firstLine(text, whole, tooLong)
		case i == limit && !whole:
			return record{}
		case i == limit && field == nil: // in quotation marks up to the end
			return firstLine(text, whole, badQuotes)
		}
		r.fields = append(r.fields, *field)
		switch {
		case i == len(text):
			r.size = i
			return r
		case text[i] == s.comma:
			i++
		case text[i] == '\r' && i+1 == len(text) && !whole:
			return record{}
		case strings.HasPrefix(text[i:], "\r\n"):
			r.size = i + 2
			return r
		default:
			r.size = i + 1
			return r
		}
	}
}

// nextField reads the field that text begins with, up to the separator or line end
// behind it. The field is nil when text ends within quotation marks.
func (s *Sheet) nextField(text string) (field *string, end int, broken bool) {
	ends := string(s.comma) + "\r\n"
	inner := strings.TrimLeft(text, " ")
	if !strings.HasPrefix(inner, `"`) {
		end = strings.IndexAny(text, ends+`"`)
		if end < 0 {
			end = len(text)
		} else if text[end] == '"' {
			return nil, end, true
		}
		plain := text[:end]
		return &plain, end, false
	}
	var value strings.Builder
	i := len(text) - len(inner) + 1
	for {
		n := strings.IndexByte(text[i:], '"')
		if n < 0 {
			return nil, len(text), false
		}
		value.WriteString(text[i : i+n])
		if i += n + 1; !strings.HasPrefix(text[i:], `"`) {
			break
		}
		value.WriteByte('"')
		i++
	}
	quoted := value.String()
	i += len(text[i:]) - len(strings.TrimLeft(text[i:], " "))
	if i < len(text) && !strings.ContainsRune(ends, rune(text[i])) {
		return nil, i, true
	}
	return &quoted, i, false
}

// firstLine is a broken record: the first line of text, as far as it is there.
func firstLine(text string, whole bool, why string) record {
	end := strings.IndexAny(text, "\r\n")
	switch {
	case end < 0 && (whole || len(text) > maxRecord):
		return record{size: len(text), broken: why}
	case end < 0, text[end] == '\r' && end+1 == len(text) && !whole && len(text) <= maxRecord:
		return record{}
	case strings.HasPrefix(text[end:], "\r\n"):
		end++
	}
	return record{size: end + 1, broken: why}
}

// lineEnds counts the lines that end in text.
func lineEnds(text string) int {
	return strings.Count(text, "\n") + strings.Count(text, "\r") - strings.Count(text, "\r\n")
}
