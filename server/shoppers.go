package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
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
	Skipped  int          `json:"skipped"` // rows that could not be taken
	Problems []rowProblem `json:"problems"`
}

// A rowProblem says why a row was skipped. It repeats nothing of the row.
type rowProblem struct {
	Line int    `json:"line"` // in the file, from 1
	Why  string `json:"why"`
}

func (t *tally) skip(line int, why string) {
	t.Skipped++
	if len(t.Problems) < maxProblems {
		t.Problems = append(t.Problems, rowProblem{line, why})
	}
}

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

// A roll is a file of shoppers: CSV with a header, as shops' software writes it.
// Region is the country of numbers without a country code.
type roll struct {
	file    *csv.Reader
	columns columns
	region  string
}

// openRoll reads the header. An error is a *chat.Error, or comes from the file.
func openRoll(in io.Reader, region string) (*roll, error) {
	text := bufio.NewReaderSize(in, 64<<10)
	start, err := text.Peek(64 << 10)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, err
	}
	if bytes.HasPrefix(start, []byte("\xff\xfe")) || bytes.HasPrefix(start, []byte("\xfe\xff")) || bytes.IndexByte(start, 0) >= 0 {
		return nil, chat.Invalid("This is not a plain CSV file. Please save it as “CSV UTF-8” and try again.")
	}
	if mark := []byte("\xef\xbb\xbf"); bytes.HasPrefix(start, mark) {
		start = start[len(mark):]
		if _, err := text.Discard(len(mark)); err != nil {
			return nil, err
		}
	}
	r := &roll{file: csv.NewReader(text), region: region}
	r.file.Comma = separator(start)
	r.file.FieldsPerRecord = -1
	r.file.ReuseRecord = true
	header, err := r.file.Read()
	var wrong *csv.ParseError
	switch {
	case errors.Is(err, io.EOF):
		return nil, chat.Invalid("The file is empty.")
	case errors.As(err, &wrong):
		return nil, chat.Invalid("The file's first line can't be read. It should name the columns: phone, name, email.")
	case err != nil:
		return nil, err
	}
	r.columns, err = findColumns(header)
	return r, err
}

// separator finds what separates a header's columns: programs in half of Europe
// write semicolons, and spreadsheets copy tabs. upload's records.js does the same.
func separator(text []byte) rune {
	counts, quoted := map[byte]int{}, false
	for _, c := range bytes.TrimLeft(text, "\r\n") {
		if c == '"' {
			quoted = !quoted
		}
		if c == '\n' && !quoted {
			break
		}
		if !quoted {
			counts[c]++
		}
	}
	best := byte(',')
	for _, c := range []byte(";\t") {
		if counts[c] > counts[best] {
			best = c
		}
	}
	return rune(best)
}

// next returns the next shopper, or why the row holds none. It ends with io.EOF.
func (r *roll) next() (p chat.Shopper, line int, why string, err error) {
	for {
		row, err := r.file.Read()
		var wrong *csv.ParseError
		if errors.As(err, &wrong) {
			return p, wrong.StartLine, "The quotation marks don't match.", nil
		}
		if err != nil {
			return p, 0, "", err
		}
		if slices.ContainsFunc(row, func(field string) bool { return strings.TrimSpace(field) != "" }) {
			line, _ = r.file.FieldPos(0)
			p, why = r.columns.shopper(row, r.region)
			return p, line, why, nil
		}
	}
}

// readShoppers keeps the shoppers of a file, a batch at a time.
func readShoppers(in io.Reader, region string, now time.Time, keep func([]chat.Shopper) (added int, err error)) (t tally, err error) {
	r, err := openRoll(in, region)
	if err != nil {
		return t, err
	}
	batch := make([]chat.Shopper, 0, importBatch)
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		added, err := keep(batch)
		t.New, batch = t.New+added, batch[:0]
		return err
	}
	for {
		p, line, why, err := r.next()
		if errors.Is(err, io.EOF) {
			return t, flush()
		}
		if err != nil {
			return t, fmt.Errorf("read shoppers: %w", err)
		}
		t.Read++
		if why != "" {
			t.skip(line, why)
			continue
		}
		p.ID = chat.NewID[chat.ShopperID](now)
		if batch = append(batch, p); len(batch) == importBatch {
			if err := flush(); err != nil {
				return t, err
			}
		}
	}
}

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
	t, err := readShoppers(file, region, time.Now(), func(people []chat.Shopper) (int, error) {
		return s.ImportShoppers(ctx, shop.ID, people)
	})
	if t.Read > 0 {
		fmt.Fprintf(out, "%s: %s\n", shop.Name, t)
	}
	for _, p := range t.Problems {
		fmt.Fprintf(out, "  line %d: %s\n", p.Line, p.Why)
	}
	if more := t.Skipped - len(t.Problems); more > 0 {
		fmt.Fprintf(out, "  and %s more\n", grouped(more))
	}
	return err
}
