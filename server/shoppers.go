package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"

	"sidetext/chat"
	"sidetext/store"
)

const (
	// importBatch is how many shoppers are kept at once: each batch is one
	// commit, and a reader's memory does not grow with the file.
	importBatch = 500
	// pieceSize is how much of a file is read at a time, in bytes.
	pieceSize = 60_000
	// maxName and maxEmail are how much is kept of a name or an address, in
	// bytes.
	maxName  = 200
	maxEmail = 254
	// maxProblems is how many rows are reported one by one.
	maxProblems = 20
)

// A tally is what came of reading a file of shoppers.
type tally struct {
	Read     int          `json:"read"`    // rows, without the header
	New      int          `json:"new"`     // shoppers who were not known
	Skipped  int          `json:"skipped"` // rows that could not be taken, or that another row contradicts
	Noted    int          `json:"noted"`   // rows that there is something to say about; those skipped among them
	Problems []rowProblem `json:"problems"`
}

// A rowProblem says why a row was skipped, or what else to know about it. It
// repeats nothing of the row.
type rowProblem struct {
	Line int    `json:"line"` // in the file, from 1
	Why  string `json:"why"`
}

func (t *tally) note(line int, why string) {
	t.Noted++
	if len(t.Problems) < maxProblems {
		t.Problems = append(t.Problems, rowProblem{line, why})
	}
}

func (t *tally) skip(line int, why string) {
	t.Skipped++
	t.note(line, why)
}

// kept counts what a row changed.
func (t *tally) kept(line int, m chat.MergeResult) {
	switch {
	case m.New:
		t.New++
	case m.Clash > 0 && m.Replaced:
		t.skip(line, fmt.Sprintf("Line %s has the same number and another person. This line was kept: its column is more certain.", grouped(m.Clash)))
	case m.Clash > 0:
		t.skip(line, fmt.Sprintf("Line %s has the same number and another person. That line was kept.", grouped(m.Clash)))
	case m.Outranked:
		t.skip(line, "An earlier import has this number, from a more certain column, and another person. That was kept.")
	case m.Replaced:
		t.note(line, "This number was another person's until now. What it texts next opens a new ticket.")
	}
}

// Nothing reports whether no row was taken. Scripts say the same (upload.js).
func (t tally) Nothing() bool { return t.Read == t.Skipped }

// More is how many rows are not reported one by one.
func (t tally) More() int { return t.Noted - len(t.Problems) }

func (t tally) String() string {
	return fmt.Sprintf("%s read, %s new, %s skipped", grouped(t.Read), grouped(t.New), grouped(t.Skipped))
}

// grouped writes a number as people read it: 1,204.
func grouped[T int | int64](n T) string {
	digits := strconv.FormatInt(int64(n), 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// A keeper keeps shoppers of a list, and says what each row changed.
type keeper func([]chat.ImportRow) ([]chat.MergeResult, error)

// A piece is a part of a file of shoppers. The next one begins where the last
// whole row of this one ended.
type piece struct {
	body []byte
	at   int  // where it begins in the file, in bytes
	line int  // how many lines of the file come before it
	last bool // nothing comes after it
}

// importPiece reads the rows of a piece and keeps them. It returns how much of the
// piece it read, in bytes and in lines.
func (s *sheet) importPiece(p piece, now time.Time, keep keeper) (t tally, taken, lines int, err error) {
	if p.at < s.begin {
		taken = min(s.begin-p.at, len(p.body))
		p.line, lines = 0, s.lines
	}
	text := s.decode(p.body[taken:])
	var batch []chat.ImportRow
	flush := func() error {
		merges, err := keep(batch)
		for i, m := range merges {
			t.kept(batch[i].Line, m)
		}
		batch = batch[:0]
		return err
	}
	for text != "" {
		r := s.record(text, p.last)
		if r.size == 0 {
			break
		}
		line := p.line + lines + 1
		lines += lineEnds(text[:r.size])
		taken += s.width(text[:r.size])
		text = text[r.size:]
		for i, field := range r.fields {
			r.fields[i] = s.field(field)
		}
		switch {
		case r.broken != "":
			t.Read++
			t.skip(line, r.broken)
			continue
		case blank(r.fields), s.columns.continues(r.fields):
			continue
		}
		t.Read++
		l, why := s.columns.listing(r.fields, s.region)
		if why != "" {
			t.skip(line, why)
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
	slices.SortStableFunc(t.Problems, func(a, b rowProblem) int { return a.Line - b.Line })
	return t, taken, lines, err
}

// errNoRows refuses a file that has nothing below the line that names its columns.
var errNoRows = chat.Invalid("The file has nothing below its first line, so nothing was imported.")

// importShoppers reads a whole file, a piece at a time.
func importShoppers(in io.Reader, region string, now time.Time, keep keeper) (sum tally, err error) {
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
	s, err := openSheet(buffer[:min(filled, headSize)], last && filled <= headSize, region)
	if err != nil {
		return sum, err
	}
	for at, line := 0, 0; ; {
		t, taken, lines, err := s.importPiece(piece{buffer[:filled], at, line, last}, now, keep)
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
		return sum, errNoRows
	}
	return sum, nil
}

func (t *tally) add(one tally) {
	t.Read, t.New, t.Skipped, t.Noted = t.Read+one.Read, t.New+one.New, t.Skipped+one.Skipped, t.Noted+one.Noted
	t.Problems = append(t.Problems, one.Problems[:min(len(one.Problems), maxProblems-len(t.Problems))]...)
}

// newList names an import, so that two rows of one file are known as such.
func newList(now time.Time) string { return string(chat.NewID[chat.ShopperID](now)) }

// importFile reads the shoppers of a file on this machine.
func importFile(ctx context.Context, s *store.Store, args importArgs, out io.Writer) error {
	region := strings.ToUpper(args.Region)
	if phonenumbers.GetCountryCodeForRegion(region) == 0 {
		return fmt.Errorf("--region: %q is not a country's two letters, as in US", args.Region)
	}
	shop, err := oneShop(ctx, s, args.Shop)
	if err != nil {
		return err
	}
	file, err := os.Open(args.File)
	if err != nil {
		return err
	}
	defer file.Close()
	list := newList(time.Now())
	t, err := importShoppers(file, region, time.Now(), func(rows []chat.ImportRow) ([]chat.MergeResult, error) {
		return s.ImportList(ctx, shop.ID, list, rows)
	})
	if t.Read > 0 {
		fmt.Fprintf(out, "%s: %s\n", shop.Name, t)
	}
	for _, p := range t.Problems {
		fmt.Fprintf(out, "  line %d: %s\n", p.Line, p.Why)
	}
	if more := t.More(); more > 0 {
		fmt.Fprintf(out, "  and %s more\n", grouped(more))
	}
	if err == nil && t.Nothing() {
		return errors.New("no row could be taken, so nothing was imported")
	}
	return err
}
