package shoppers

import (
	"fmt"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"sidetext/chat"
)

// maxProblems is how many rows are reported one by one.
const maxProblems = 20

// A Tally is the result of importing a list of shoppers.
type Tally struct {
	Read     int          `json:"read"`    // rows, without the header
	New      int          `json:"new"`     // shoppers who were not known
	Skipped  int          `json:"skipped"` // rows that were not imported, because of an error or because another row contradicts them
	Noted    int          `json:"noted"`   // rows with an error or a remark, including the skipped ones
	Problems []RowProblem `json:"problems"`
}

// A RowProblem says why a row was skipped, or what else to know about it. It
// repeats nothing of the row.
type RowProblem struct {
	Line int    `json:"line"` // in the file, from 1
	Why  string `json:"why"`
}

func (t *Tally) addProblem(line int, why string) {
	t.Noted++
	if len(t.Problems) < maxProblems {
		t.Problems = append(t.Problems, RowProblem{line, why})
	}
}

func (t *Tally) addSkipped(line int, why string) {
	t.Skipped++
	t.addProblem(line, why)
}

// countMerge counts what a row changed.
func (t *Tally) countMerge(line int, m chat.MergeResult) {
	switch {
	case m.New:
		t.New++
	case m.Clash > 0 && m.Replaced:
		t.addSkipped(line, fmt.Sprintf("Line %s has the same number and another person. This line was kept: its column is more certain.", grouped(m.Clash)))
	case m.Clash > 0:
		t.addSkipped(line, fmt.Sprintf("Line %s has the same number and another person. That line was kept.", grouped(m.Clash)))
	case m.Outranked:
		t.addSkipped(line, "An earlier import has this number, from a more certain column, and another person. That was kept.")
	case m.Replaced:
		t.addProblem(line, "This number was another person's until now. What it texts next opens a new ticket.")
	}
}

// Nothing reports whether no row was imported. upload.js has the same rule.
func (t Tally) Nothing() bool { return t.Read == t.Skipped }

// More returns how many rows are not reported one by one.
func (t Tally) More() int { return t.Noted - len(t.Problems) }

// String returns the counts in one line.
func (t Tally) String() string {
	return fmt.Sprintf("%s read, %s new, %s skipped", grouped(t.Read), grouped(t.New), grouped(t.Skipped))
}

// grouped writes a number as people read it: 1,204.
func grouped[T int | int64](n T) string { return message.NewPrinter(language.English).Sprint(n) }

func (t *Tally) add(one Tally) {
	t.Read, t.New, t.Skipped, t.Noted = t.Read+one.Read, t.New+one.New, t.Skipped+one.Skipped, t.Noted+one.Noted
	t.Problems = append(t.Problems, one.Problems[:min(len(one.Problems), maxProblems-len(t.Problems))]...)
}
