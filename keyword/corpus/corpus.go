// Package corpus loads texts of shoppers, phones and published lists, each labelled
// with its meaning, and measures how well package keyword reads them.
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
// tabs: the text, its Silence, its Intent, the earlier text that it quotes if there
// is one, and how the text is misread if it is, such as "possible unknown". In the
// first and the fourth column \n is a line break.
type Text struct {
	Kind    string // the first line of the file
	Text    string
	Silence keyword.Silence
	Intent  keyword.Intent
	Sent    string
	Misread string
}

// heldOut is the file of texts that were not used to write the rules.
const heldOut = "heldout.tsv"

// Load reads the files of a folder in their order, except the held-out one.
func Load(folder string) ([]Text, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.tsv"))
	files = slices.DeleteFunc(files, func(file string) bool { return filepath.Base(file) == heldOut })
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("corpus: no files in %s: %w", folder, err)
	}
	return load(files...)
}

// LoadHeldOut reads the texts that were not used to write the rules.
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

var silences = map[string]keyword.Silence{"none": keyword.None, "possible": keyword.Possible, "clear": keyword.Clear}

func parse(line string) (Text, error) {
	column := append(strings.Split(line, "\t"), "", "")
	level, ok := silences[at(column, 1)]
	if !ok || len(column) < 5 || column[2] == "" {
		return Text{}, fmt.Errorf("parse line %q: too few columns, or no such silence", line)
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

// Read returns what package keyword reads in a text.
func (t Text) Read() keyword.Meaning {
	s := keyword.State{}
	if t.Sent != "" {
		s.Sent = []string{t.Sent}
	}
	return keyword.Read(t.Text, s)
}

// Label returns a meaning in two words, as in the files.
func Label(silence keyword.Silence, intent keyword.Intent) string {
	return SilenceName(silence) + " " + string(intent)
}

// SilenceName returns the name of a silence, as in the files.
func SilenceName(silence keyword.Silence) string {
	for name, s := range silences {
		if s == silence {
			return name
		}
	}
	return ""
}

// ReachesPerson reports whether a text with this meaning goes to a person. It makes a
// ticket, unless the shop makes none for this shopper.
func ReachesPerson(silence keyword.Silence, intent keyword.Intent) bool {
	switch intent {
	case keyword.Nothing, keyword.StartTexts, keyword.CarrierHelp, keyword.Menu:
		return silence == keyword.Possible
	}
	return true
}

// MayAnswer reports whether a text with this meaning may be answered by SMS.
func MayAnswer(silence keyword.Silence, intent keyword.Intent) bool {
	switch intent {
	case keyword.Nothing, keyword.Machine, keyword.StartTexts, keyword.Unknown:
		return false
	}
	return silence == keyword.None
}

// A Score counts how often a class of texts was recognised.
type Score struct{ Right, Missed, False int }

// Recall is the share of the texts of the class that were recognised.
func (s Score) Recall() float64 { return ratio(s.Right, s.Right+s.Missed) }

// Precision is the share of the recognised texts that are of the class.
func (s Score) Precision() float64 { return ratio(s.Right, s.Right+s.False) }

func ratio(part, all int) float64 {
	if all == 0 {
		return 1
	}
	return float64(part) / float64(all)
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

// Scores say how well a corpus is read.
type Scores struct {
	Clear    Score // clear wishes for silence
	Silence  Score // clear and possible ones, which no SMS may answer
	Person   Score // texts that should reach a person
	Answered int   // texts with a clear or possible wish for silence that may get an SMS
}

// Measure reads all texts and scores the result.
func Measure(texts []Text) (s Scores) {
	for _, t := range texts {
		m := t.Read()
		s.Clear.count(t.Silence == keyword.Clear, m.Silence == keyword.Clear)
		s.Silence.count(t.Silence != keyword.None, m.Silence != keyword.None)
		s.Person.count(ReachesPerson(t.Silence, t.Intent), ReachesPerson(m.Silence, m.Intent))
		if t.Silence != keyword.None && MayAnswer(m.Silence, m.Intent) {
			s.Answered++
		}
	}
	return s
}
