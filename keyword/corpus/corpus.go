// Package corpus has texts as shoppers, lists and phones write them, each with
// what it means, and measures how well they are read.
package corpus

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sidetext/keyword"
)

// A Text is one line of a file in keyword/testdata. Its columns are separated by
// tabs: the text, its Silence, its Intent, what was sent before if the text
// quotes that, and what the reader makes of the text if that is something else,
// as "possible unknown". In the first and the fourth column \n is a line break.
type Text struct {
	Kind    string // the file's first line
	Text    string
	Silence keyword.Silence
	Intent  keyword.Intent
	Sent    string
	Misread string
}

// heldOut is the file of texts that were not used to make the rules.
const heldOut = "heldout.tsv"

// Load reads the files of a folder, in their order, without the one held out.
func Load(folder string) ([]Text, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.tsv"))
	files = slices.DeleteFunc(files, func(file string) bool { return filepath.Base(file) == heldOut })
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("corpus: no files in %s: %w", folder, err)
	}
	return load(files...)
}

// LoadHeldOut reads the texts that were not used to make the rules.
func LoadHeldOut(folder string) ([]Text, error) { return load(filepath.Join(folder, heldOut)) }

func load(files ...string) ([]Text, error) {
	var all []Text
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("corpus: %w", err)
		}
		kind := ""
		for line := range strings.Lines(string(data)) {
			line = strings.TrimRight(line, "\r\n")
			if rest, ok := strings.CutPrefix(line, "# "); ok && kind == "" {
				kind = rest
				continue
			}
			t, err := parse(line)
			if err != nil {
				return nil, fmt.Errorf("corpus: %s: %w", filepath.Base(file), err)
			}
			t.Kind = kind
			all = append(all, t)
		}
	}
	return all, nil
}

var levels = map[string]keyword.Silence{"none": keyword.None, "possible": keyword.Possible, "clear": keyword.Clear}

func parse(line string) (Text, error) {
	column := append(strings.Split(line, "\t"), "", "")
	level, ok := levels[at(column, 1)]
	if !ok || len(column) < 5 || column[2] == "" {
		return Text{}, fmt.Errorf("not a text and its meaning: %q", line)
	}
	breaks := strings.NewReplacer(`\n`, "\n")
	return Text{
		Text: breaks.Replace(column[0]), Silence: level, Intent: keyword.Intent(column[2]),
		Sent: breaks.Replace(column[3]), Misread: column[4],
	}, nil
}

func at(columns []string, i int) string {
	if i < len(columns) {
		return columns[i]
	}
	return ""
}

// Read is what the reader makes of a text.
func (t Text) Read() keyword.Meaning {
	s := keyword.State{}
	if t.Sent != "" {
		s.Sent = []string{t.Sent}
	}
	return keyword.Read(t.Text, s)
}

// Says is a reading in two words, as in the files.
func Says(silence keyword.Silence, intent keyword.Intent) string {
	return silence.String() + " " + string(intent)
}

// Reaches reports whether a text that means this reaches a person: it makes a
// ticket, for shoppers whose wishes may.
func Reaches(silence keyword.Silence, intent keyword.Intent) bool {
	switch intent {
	case keyword.Nothing, keyword.StartTexts, keyword.CarrierHelp, keyword.Menu:
		return silence == keyword.Possible
	}
	return true
}

// Answers reports whether a text that means this may be answered by SMS.
func Answers(silence keyword.Silence, intent keyword.Intent) bool {
	switch intent {
	case keyword.Nothing, keyword.Machine, keyword.StartTexts, keyword.Unknown:
		return false
	}
	return silence == keyword.None
}

// A Score counts how well something was recognised.
type Score struct{ Right, Missed, False int }

// Recall is the share of what should be recognised that is.
func (s Score) Recall() float64 { return share(s.Right, s.Right+s.Missed) }

// Precision is the share of what is recognised that should be.
func (s Score) Precision() float64 { return share(s.Right, s.Right+s.False) }

func share(of, all int) float64 {
	if all == 0 {
		return 1
	}
	return float64(of) / float64(all)
}

func (s *Score) count(is, read bool) {
	switch {
	case is && read:
		s.Right++
	case is:
		s.Missed++
	case read:
		s.False++
	}
}

// Scores are how well a corpus is read.
type Scores struct {
	Clear    Score // clear wishes for silence
	Silence  Score // clear and possible ones: what no SMS may answer
	Person   Score // what should reach a person
	Answered int   // texts that ask for silence, surely or perhaps, and may get an SMS
}

// Measure reads all texts.
func Measure(texts []Text) (s Scores) {
	for _, t := range texts {
		m := t.Read()
		s.Clear.count(t.Silence == keyword.Clear, m.Silence == keyword.Clear)
		s.Silence.count(t.Silence != keyword.None, m.Silence != keyword.None)
		s.Person.count(Reaches(t.Silence, t.Intent), Reaches(m.Silence, m.Intent))
		if t.Silence != keyword.None && Answers(m.Silence, m.Intent) {
			s.Answered++
		}
	}
	return s
}
