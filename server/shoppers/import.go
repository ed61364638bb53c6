// Package shoppers reads lists of shoppers: CSV files as shops' software exports
// them and as people write them.
package shoppers

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/nyaruka/phonenumbers"

	"sidetext/chat"
)

const (
	// importBatch is how many shoppers are saved at once: each batch is one
	// commit, and a reader's memory does not grow with the file.
	importBatch = 500
	// pieceSize is how much of a file is read at a time, in bytes.
	pieceSize = 60_000
	// maxName and maxEmail are how much of a name or an address is saved, in
	// bytes.
	maxName  = 200
	maxEmail = 254
)

// A Saver saves rows of a list, and returns what each of them changed.
type Saver func([]chat.ImportRow) ([]chat.MergeResult, error)

// A Piece is a part of a file of shoppers. The next one begins where the last
// whole row of this one ended.
type Piece struct {
	Body []byte
	At   int  // where it begins in the file, in bytes
	Line int  // how many lines of the file come before it
	Last bool // nothing comes after it
}

// Import reads the rows of a piece and saves them. It returns how much of the
// piece it read, in bytes and in lines.
func (s *Sheet) Import(p Piece, now time.Time, save Saver) (t Tally, taken, lines int, err error) {
	if p.At < s.begin {
		taken = min(s.begin-p.At, len(p.Body))
		p.Line, lines = 0, s.lines
	}
	text := s.decode(p.Body[taken:])
	var batch []chat.ImportRow
	flush := func() error {
		merges, err := save(batch)
		for i, m := range merges {
			t.countMerge(batch[i].Line, m)
		}
		batch = batch[:0]
		return err
	}
	for text != "" {
		r := s.record(text, p.Last)
		if r.size == 0 {
			break
		}
		line := p.Line + lines + 1
		lines += lineEnds(text[:r.size])
		taken += s.width(text[:r.size])
		text = text[r.size:]
		for i, field := range r.fields {
			r.fields[i] = s.field(field)
		}
		switch {
		case r.broken != "":
			t.Read++
			t.addSkipped(line, r.broken)
			continue
		case isBlank(r.fields), s.columns.continues(r.fields):
			continue
		}
		t.Read++
		l, why := s.columns.readRow(r.fields, s.region)
		if why != "" {
			t.addSkipped(line, why)
			continue
		}
		l.ID, l.Line = chat.NewID[chat.ShopperID](now), line
		if batch = append(batch, l); len(batch) == importBatch {
			if err := flush(); err != nil {
				return t, taken, lines, err
			}
		}
	}
	if len(batch) > 0 {
		err = flush()
	}
	slices.SortStableFunc(t.Problems, func(a, b RowProblem) int { return a.Line - b.Line })
	return t, taken, lines, err
}

// ErrNoRows refuses a file that has nothing below the line that names its columns.
var ErrNoRows = chat.Invalid("The file has nothing below its first line, so nothing was imported.")

// Import reads a whole file, a piece at a time.
func Import(in io.Reader, region string, now time.Time, save Saver) (sum Tally, err error) {
	buffer, filled, last := make([]byte, pieceSize), 0, false
	fill := func() error {
		n, err := io.ReadFull(in, buffer[filled:])
		filled += n
		last = last || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return fmt.Errorf("read shoppers: %w", err)
		}
		return nil
	}
	if err := fill(); err != nil {
		return sum, err
	}
	s, err := OpenSheet(buffer[:min(filled, HeadSize)], last && filled <= HeadSize, region)
	if err != nil {
		return sum, err
	}
	for at, line := 0, 0; ; {
		t, taken, lines, err := s.Import(Piece{buffer[:filled], at, line, last}, now, save)
		sum.add(t)
		if err != nil {
			return sum, err
		}
		at, line = at+taken, line+lines
		filled = copy(buffer, buffer[taken:filled])
		if last {
			break
		}
		if err := fill(); err != nil {
			return sum, err
		}
	}
	if sum.Read == 0 {
		return sum, ErrNoRows
	}
	return sum, nil
}

// NewList names an import, so that two rows of one file are known as such.
func NewList(now time.Time) string { return string(chat.NewID[chat.ShopperID](now)) }

// KnownRegion reports whether region is the two capital letters of a country.
func KnownRegion(region string) bool { return phonenumbers.GetCountryCodeForRegion(region) != 0 }
