package shoppers

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"pgregory.net/rapid"

	"sidetext/chat"
)

var littleEndian = binary.LittleEndian

// inPieces reads a file as the page's script sends it, in pieces of a size.
func inPieces(file []byte, size int, region string) (k *roll, sum Tally, err error) {
	k = &roll{known: map[chat.Phone]chat.ImportedShopper{}, list: "now"}
	s, err := OpenSheet(file[:min(len(file), HeadSize)], len(file) <= HeadSize, region)
	if err != nil {
		return k, sum, err
	}
	for at, line := 0, 0; at < len(file); {
		end := min(at+size, len(file))
		t, taken, lines, err := s.Import(Piece{file[at:end], at, line, end == len(file)}, time.Now(), k.keep)
		if err != nil {
			return k, sum, err
		}
		sum.add(t)
		if end == len(file) {
			break
		}
		if taken == 0 {
			return k, sum, fmt.Errorf("nothing was taken at %d", at)
		}
		at, line = at+taken, line+lines
	}
	return k, sum, nil
}

// wide is text as UTF-16.
func wide(text string, order binary.AppendByteOrder, mark bool) []byte {
	if mark {
		text = "\ufeff" + text
	}
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, unit)
	}
	return out
}

// TestPiecesReadAlike: however a file is cut and encoded, the command and the
// page find the same shoppers and report the same lines.
func TestPiecesReadAlike(t *testing.T) {
	t.Parallel()
	fields := []string{"+14155550123", "(415) 555-0134", "415 555 0145", "x", "", "Jane Doe", "Zoë 🙂", "\"a \"\"b\"\"\"", "\"two\nlines\"", "\"two\r\nlines\"", "jane@example.com", "bad\"quote", "\"open", "\"shut\"x", " \"spaced\" ", "'+1 415 555 0156"}
	rapid.Check(t, func(t *rapid.T) {
		end := rapid.SampledFrom([]string{"\n", "\r\n", "\r"}).Draw(t, "line end")
		comma := rapid.SampledFrom([]string{",", ";", "\t"}).Draw(t, "comma")
		text := strings.Join([]string{"phone", "name", "email"}, comma) + end
		for range rapid.IntRange(1, 25).Draw(t, "rows") {
			text += strings.Join([]string{rapid.SampledFrom(fields).Draw(t, "f"), rapid.SampledFrom(fields).Draw(t, "f"), rapid.SampledFrom(fields).Draw(t, "f")}, comma) + end
		}
		whole, want, err := inPieces([]byte(text), len(text), "US")
		if err != nil {
			t.Fatal(err)
		}
		for name, file := range map[string][]byte{
			"UTF-8": []byte(text), "with a mark": []byte("\ufeff" + text), "UTF-16": wide(text, littleEndian, true), "UTF-16, big": wide(text, binary.BigEndian, true), "UTF-16, no mark": wide(text, littleEndian, false),
		} {
			size := rapid.IntRange(2*len(text), 2*len(text)+100).Draw(t, "size") // sizes that cut are below
			got, sum, err := inPieces(file, size, "US")
			if err != nil || fmt.Sprint(sum) != fmt.Sprint(want) || !slices.Equal(got.order, whole.order) || fmt.Sprint(sum.Problems) != fmt.Sprint(want.Problems) {
				t.Fatalf("%s: %v %v, %v; want %v %v\n%q", name, sum, sum.Problems, err, want, want.Problems, text)
			}
		}
		at, sum, err := importedBy(text)
		if err != nil || fmt.Sprint(sum) != fmt.Sprint(want) || !slices.Equal(at.order, whole.order) {
			t.Fatalf("the command: %v, %v; want %v\n%q", sum, err, want, text)
		}
	})
}

func importedBy(text string) (*roll, Tally, error) {
	k := &roll{known: map[chat.Phone]chat.ImportedShopper{}, list: "now"}
	sum, err := Import(strings.NewReader(text), "US", time.Now(), k.keep)
	return k, sum, err
}

// TestLargeFilesReadAlike: files of many pieces, with rows over several lines,
// an unclosed quotation mark, and a row above the limit.
func TestLargeFilesReadAlike(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"\n", "\r\n", "\r"} {
		var text strings.Builder
		text.WriteString("name,phone,note" + end)
		line, wanted := 2, 0
		var broken []int
		for i := range 1500 {
			switch {
			case i%397 == 300:
				text.WriteString(fmt.Sprintf("\"Jané,+1415555%04d,never closed", i) + end)
				broken = append(broken, line)
				line++
			case i == 1000:
				text.WriteString("Long,+14155551000," + strings.Repeat("x", 3*maxRecord) + end)
				line++
				broken = append(broken, line-1)
			case i%3 == 0:
				text.WriteString(fmt.Sprintf("Jané %d,+1415555%04d,\"two%slines\"", i, i, end) + end)
				line += 2
				wanted++
			default:
				text.WriteString(fmt.Sprintf("Jané %d,+1415555%04d,one line that says little", i, i) + end)
				line++
				wanted++
			}
		}
		for name, file := range map[string][]byte{"UTF-8": []byte(text.String()), "UTF-16": wide(text.String(), littleEndian, true)} {
			got, sum, err := inPieces(file, pieceSize, "US")
			if err != nil || len(got.order) != wanted {
				t.Errorf("%q, %s: %d imported, want %d; %s, %v", end, name, len(got.order), wanted, sum, err)
			}
			var lines []int
			for _, p := range sum.Problems {
				if p.Why == badQuotes || p.Why == tooLong {
					lines = append(lines, p.Line)
				}
			}
			lines = slices.Compact(lines) // what is left of a very long line is reported again
			if !slices.Equal(lines, broken) {
				t.Errorf("%q, %s: broken lines %v, want %v", end, name, lines, broken)
			}
			k := &roll{known: map[chat.Phone]chat.ImportedShopper{}, list: "now"}
			command, err := Import(strings.NewReader(string(file)), "US", time.Now(), k.keep)
			if err != nil || fmt.Sprint(command) != fmt.Sprint(sum) || fmt.Sprint(command.Problems) != fmt.Sprint(sum.Problems) || !slices.Equal(k.order, got.order) {
				t.Errorf("%q, %s: the command says %s, the page %s; %v", end, name, command, sum, err)
			}
		}
	}
}
